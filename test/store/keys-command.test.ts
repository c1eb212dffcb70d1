/** The commands never print a secret they are given, and refuse control characters and malformed numbers of days. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { connect } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { runCommand } from '../support/gateway/command.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const run = (name: string, ...args: string[]) =>
  runCommand(`commands/${name}.ts`, args, { DATABASE_URL: database.url });

it('keys revoke accepts the whole secret and does not print it', async () => {
  const secret = (await run('keys', 'create', '--name', 'leaked')).stdout.trim();
  const wrong = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
  const start = secret.slice(0, 12);
  for (const [unknown, message] of [
    [wrong, `No key begins with "${start}...".`],
    [`${secret}x`, 'is neither a whole key nor its first 12 characters. Give these,'],
    [secret.slice(0, 20), 'is neither a whole key nor its first 12 characters. Give these,'],
    [secret.slice(0, 9), 'is neither a whole key nor its first 12 characters. Give these,'],
    ['tg_sk_%%%%%%', 'No key begins with "tg_sk_%%%%%%".'],
  ] as const) {
    const refused = await run('keys', 'revoke', unknown);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(refused.stderr).not.toContain(secret.slice(0, 13));
  }
  const revoked = await run('keys', 'revoke', secret);
  expect(revoked).toMatchObject({ code: 0, stdout: '' });
  expect(revoked.stderr).toContain(`${secret.slice(0, 12)}... (leaked) stops working`);
  expect(revoked.stderr).not.toContain(secret.slice(0, 13));
  // Again: it is found, and has stopped working already.
  for (const given of [secret, start]) {
    expect((await run('keys', 'revoke', given)).code).toBe(0);
  }
});

it('keys revoke finds a key with few scopes by its secret', async () => {
  const made = await run('keys', 'create', '--name', 'narrow', '--scopes', 'track:write');
  const secret = made.stdout.trim();
  const revoked = await run('keys', 'revoke', secret);
  expect(revoked).toMatchObject({ code: 0, stdout: '' });
  expect(revoked.stderr).toContain(`${secret.slice(0, 12)}... (narrow) stops working`);
  const { stdout } = await run('keys', 'list');
  expect(stdout).toMatch(/narrow.*revoked/);
});

it.each([
  ['--name', 'a\nb'],
  ['--project', 'a\u001b[31mb'],
])('keys create refuses control characters in %s', async (option, name) => {
  const refused = await run(
    'keys',
    'create',
    option,
    name,
    ...(option === '--project' ? ['--new-project'] : []),
  );
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    stderr: `${option} must not contain line breaks or other control characters.\n`,
  });
});

it('keys list shows all keys, however many there are', async () => {
  const secret = (await run('keys', 'create', '--name', 'oldest')).stdout.trim();
  const client = await connect(database.url);
  await client.query(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash)
      SELECT gen_random_uuid(), project_id, 'other', 'tg_sk_AAAAAA', sha256(n::text::bytea)
      FROM api_keys, generate_series(1, 2100) AS n WHERE name = 'oldest'`,
  );
  await client.end();
  const { stdout } = await run('keys', 'list');
  expect(stdout).toContain(secret.slice(0, 12));
  expect(stdout.split('\n').filter((line) => line.includes('  other  '))).toHaveLength(2_100);
});

it('keys rotate prints a new secret, once; the old one works until the overlap is over', async () => {
  const secret = (await run('keys', 'create', '--name', 'turning')).stdout.trim();
  const rotated = await run('keys', 'rotate', secret, '--overlap', '0.5');
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tg_sk_\S{43}\n$/) });
  expect(rotated.stdout.trim()).not.toBe(secret);
  expect(rotated.stderr).toMatch(/The old secret works until \d{4}-/);
  expect(rotated.stderr).not.toContain(secret.slice(0, 13));
  const again = await run('keys', 'rotate', secret.slice(0, 12));
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toMatch(
    /has been rotated already.*npm run keys -- rotate \S{36} --overlap 0/,
  );
  await run('keys', 'revoke', rotated.stdout.trim());
  const ended = await run('keys', 'rotate', rotated.stdout.trim());
  expect(ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('is revoked'),
  });
  for (const overlap of ['31', '-1', 'x', '1e1']) {
    const refused = await run('keys', 'rotate', secret, `--overlap=${overlap}`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`--overlap is "${overlap}": it must be a number of days, 30`);
  }
});

it('keys create --admin prints a key without a project, which only the command lists, rotates and revokes', async () => {
  for (const option of ['--project=x', '--new-project', '--scopes=track:write']) {
    const refused = await run('keys', 'create', '--admin', option);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('--admin and --');
  }
  const made = await run('keys', 'create', '--admin', '--name', 'root');
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tg_ak_\S{43}\n$/) });
  const secret = made.stdout.trim();
  const { stdout } = await run('keys', 'list');
  expect(stdout).toMatch(/^tg_ak_.{6}\.\.\. +\(admin\) +root +projects and keys +created/m);
  const rotated = await run('keys', 'rotate', secret, '--overlap', '0');
  expect(rotated.stdout).toMatch(/^tg_ak_\S{43}\n$/);
  const revoked = await run('keys', 'revoke', rotated.stdout.trim());
  expect(revoked).toMatchObject({ code: 0, stdout: '' });
  expect(revoked.stderr).not.toContain(rotated.stdout.slice(0, 13));
});

it('keys projects lists all projects with their ids', async () => {
  const { stdout } = await run('keys', 'projects');
  expect(stdout).toMatch(/^[0-9a-f-]{36} {2}default +created \d{4}-/m);
});

/** What is no number at all: test/unit/days.test.ts. */
it.each(['0x10', '0', '36501'])('%j is refused as a number of days', async (days) => {
  const [expires, older] = await Promise.all([
    run('keys', 'create', `--expires=${days}`),
    run('prune', `--older-than=${days}`, '--dry-run'),
  ]);
  for (const refused of [expires, older]) expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(expires.stderr).toContain(`--expires is "${days}": it must be a number of days`);
  expect(older.stderr).toContain(`at most 36500 days, not "${days}".`);
});

it.each([
  ['keys create', 'api_keys', 'INSERT', ['keys', 'create', '--name', 'lost']],
  ['keys revoke', 'api_keys', 'UPDATE', ['keys', 'revoke', 'PREFIX']],
  ['db:prune', 'idempotency_keys', 'DELETE', ['prune', '--older-than', '1']],
])('%s whose connection is lost says what to do, without idempotency keys', async (...row) => {
  const [, table, event, [name = '', ...args]] = row;
  const secret = (await run('keys', 'create')).stdout.trim();
  const client = await connect(database.url);
  await client.query(`CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`);
  await client.query(`CREATE TRIGGER lose AFTER ${event} ON ${table} EXECUTE FUNCTION lose()`);
  const given = args.map((arg) => (arg === 'PREFIX' ? secret.slice(0, 12) : arg));
  const ended = await run(name, ...given);
  await client.query(`DROP TRIGGER lose ON ${table}`);
  await client.end();
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^The connection .* Run the command again; .* has its prefix\.\n$/);
  expect(ended.stderr).not.toContain('idempotencyKey');
});

describe('a key has the scopes that it was created with', () => {
  const created = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('keys', 'create', '--name', 'scoped', ...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const client = await connect(database.url);
    const { rows } = await client.query('SELECT scopes FROM api_keys WHERE prefix = $1', [
      stdout.slice(0, 12),
    ]);
    await client.end();
    const list = (await run('keys', 'list')).stdout.split('\n');
    const line = list.find((each) => each.startsWith(stdout.slice(0, 12)));
    return { scopes: rows[0]?.scopes, told: stderr, line };
  };

  it('all, if none are given', async () => {
    const { scopes, told, line } = await created();
    expect(scopes).toEqual([...SCOPES]);
    expect(told).toContain('with all scopes, shown only once');
    expect(line).toContain('  all scopes  ');
  });

  it.each([
    ['events:read', ['events:read']],
    ['events:read, track:write,events:read', ['track:write', 'events:read']],
  ])('those of %j', async (given, scopes) => {
    const found = await created('--scopes', given);
    expect(found.scopes).toEqual(scopes);
    expect(found.told).toContain(`with ${scopes.join(',')}, shown only once`);
    expect(found.line).toContain(`  ${scopes.join(',')}  `);
  });

  it.each(['events:read,', 'events:read track:write', 'EVENTS:READ'])(
    '%j is refused, with the names that there are',
    async (given) => {
      const refused = await run('keys', 'create', `--scopes=${given}`);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(
        'which is not a scope. There are: track:write, track:refund,',
      );
      expect(refused.stderr).toContain('keys:write.');
    },
  );
});

describe('a publishable key', () => {
  it('can only read, and says what it is', async () => {
    const created = await run('keys', 'create', '--publishable');
    expect(created.stdout).toMatch(/^tg_pk_[\w-]{43}\n$/);
    expect(created.stderr).toContain(
      'A publishable key of the project "default" with check:read,balances:read,',
    );
    const refused = await run(
      'keys',
      'create',
      '--publishable',
      '--scopes',
      'events:read,track:write',
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'A publishable key cannot have the scope track:write, only: check:read,',
    );
    const revoked = await run('keys', 'revoke', created.stdout.trim());
    expect(revoked).toMatchObject({ code: 0 });
  });
});

describe('a customer key', () => {
  it('can read and track, and says what it is', async () => {
    const created = await run('keys', 'create', '--customer');
    expect(created.stdout).toMatch(/^tg_ck_[\w-]{43}\n$/);
    expect(created.stderr).toContain(
      'A customer key of the project "default" with track:write,check:read,balances:read,',
    );
    const refused = await run('keys', 'create', '--customer', '--scopes', 'track:refund');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('A customer key cannot have the scope track:refund, only:');
    const both = await run('keys', 'create', '--customer', '--publishable');
    expect(both).toMatchObject({ code: 1, stdout: '' });
    expect(both.stderr).toContain('--publishable and --customer exclude each other');
    const rotated = await run('keys', 'rotate', created.stdout.trim());
    expect(rotated.stdout).toMatch(/^tg_ck_[\w-]{43}\n$/);
  });
});

describe('a token secret', () => {
  it('is printed once, and replaced with an overlap', async () => {
    const first = await run('keys', 'token-secret');
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/shown only once\.\n$/) });
    expect(first.stdout).toMatch(/^tg_ts_[\w-]{43}\n$/);
    const second = await run('keys', 'token-secret', '--overlap', '2');
    expect(second.stderr).toMatch(
      /Tokens that the former one has signed are accepted until \d{4}-/,
    );
    expect(second.stdout).not.toBe(first.stdout);
    for (const overlap of ['-1', '169', 'x']) {
      const refused = await run('keys', 'token-secret', `--overlap=${overlap}`);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(
        `--overlap is "${overlap}": it must be a number of hours, 168 at most.`,
      );
    }
  });
});
