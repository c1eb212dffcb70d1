import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { runCommand, startCommand } from '../support/gateway/command.js';

const MIGRATIONS = readdirSync('prisma/migrations', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

const SECRET = /^tg_sk_[A-Za-z0-9_-]{43}\n$/;

describe('the commands on PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    client = await connect(database.url);
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const run = (name: string, ...args: string[]) =>
    startCommand(`commands/${name}.ts`, args, { DATABASE_URL: database.url }).ended;

  const place = () => `PostgreSQL at ${new URL(database.url).host}/`;

  it('db:migrate brings the database up to date and reports what it did', async () => {
    const first = await run('migrate');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`Applied ${MIGRATIONS.join(', ')} to ${place()}`);
    const second = await run('migrate');
    expect(second.stdout).toContain(`Nothing to migrate in ${place()}`);
  });

  it('demo creates the demo project once and a key each time', async () => {
    const count = async () => {
      const { rows } = await client.query(`SELECT
        (SELECT count(*)::int FROM features) AS features,
        (SELECT count(*)::int FROM entities) AS entities,
        (SELECT count(*)::int FROM balances) AS balances,
        (SELECT json_agg(DISTINCT feature_id ORDER BY feature_id) FROM balances) AS held`);
      return rows[0];
    };
    const made = await run('demo');
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(SECRET);
    const seeded = await count();
    expect(seeded).toEqual({
      features: 6,
      entities: 2,
      balances: 6,
      held: ['api_calls', 'chat_messages', 'credits', 'image_generations', 'seats', 'sso'],
    });
    const again = await run('demo');
    expect(again.stdout).toMatch(SECRET);
    expect(again.stdout).not.toBe(made.stdout);
    await expect(count()).resolves.toEqual(seeded);
  });

  it('keys creates, lists and revokes keys', async () => {
    const made = await run('keys', 'create', '--name', 'ci', '--expires', '30');
    expect(made.stdout).toMatch(SECRET);
    expect(made.stderr).toMatch(
      /project "demo" with all scopes, shown only once; it expires \d{4}-/,
    );
    const prefix = made.stdout.slice(0, 12);

    const revoked = await run('keys', 'revoke', prefix);
    expect(revoked).toMatchObject({ code: 0, stdout: '' });
    const listed = await run('keys', 'list');
    expect(listed.stdout).toMatch(
      new RegExp(`^${prefix}\\.\\.\\.  demo  ci +.*created .* revoked`),
    );
    expect(listed.stdout).toMatch(new RegExp(`^${prefix}.* never used .* revoked`));
    expect(listed.stdout).not.toContain(made.stdout.slice(0, 20));
    const unknown = await run('keys', 'revoke', 'tg_sk_nobody');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/^No key begins with "tg_sk_nobody"\./);
  });

  it('keys creates a project only with --new-project, and requires --project if there are several', async () => {
    const misspelt = await run('keys', 'create', '--project', 'other');
    expect(misspelt).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no project "other"; there are: demo. Add --new-project to create it.\n',
    });
    const nameless = await run('keys', 'create', '--new-project');
    expect(nameless).toMatchObject({ code: 1, stdout: '' });
    const other = await run('keys', 'create', '--project', 'other', '--new-project');
    expect(other.stdout).toMatch(SECRET);
    expect(other.stderr).toContain('The project "other" was created.');
    const which = await run('keys', 'create');
    expect(which).toMatchObject({ code: 1, stdout: '' });
    expect(which.stderr).toBe(
      'There are several projects: demo, other. Choose one with --project.\n',
    );
  });

  it('keys prints its usage without opening the database', async () => {
    const wrong = [['creat'], ['list', '--name', 'x']];
    for (const { code, stdout, stderr } of await Promise.all(wrong.map((args) => usage(args)))) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^Usage:\n {2}npm run keys -- create/);
    }
  });

  const usage = (args: string[]) =>
    runCommand('commands/keys.ts', args, { DATABASE_URL: 'postgresql://nowhere.invalid/x' });

  it('audit reports that all balances are correct, or names the damaged ones', async () => {
    const well = await run('audit');
    expect(well).toEqual({
      code: 0,
      stdout: '6 balances checked: each is the sum of its ledger.\n',
      stderr: '',
    });
    const { rows } = await client.query(
      `UPDATE balances SET used = used + 0.5 WHERE feature_id = 'credits' RETURNING id`,
    );
    const differs = await run('audit', '--project', 'demo');
    expect(differs).toEqual({
      code: 1,
      stdout:
        `project demo, customer acme, balance ${rows[0].id}: ` +
        'granted less used: ledger 1000, balance 999.5; used: ledger 0, balance 0.5\n' +
        '6 balances checked, 1 damaged.\n',
      stderr: '',
    });
  });

  it('db:prune deletes old idempotency keys, as its options or the setting say', async () => {
    await client.query(`INSERT INTO idempotency_keys
      SELECT customer_key, 'old', project_id, '{"v":1}', '{"v":1}', now() - interval '90 days'
      FROM customers WHERE id = 'acme'`);
    const place = expect.stringMatching(/ of \d+ idempotency keys in .*: those more than /);
    const dry = await run('prune', '--older-than', '89.5', '--project', 'demo', '--dry-run');
    expect(dry).toEqual({ code: 0, stdout: place, stderr: '' });
    expect(dry.stdout).toMatch(/^Would delete 1 of .* 89\.5 days old\.\n$/);
    const environment = { DATABASE_URL: database.url, IDEMPOTENCY_KEY_DAYS: '80' };
    const done = await runCommand('commands/prune.ts', [], environment);
    expect(done).toEqual({ code: 0, stdout: place, stderr: '' });
    expect(done.stdout).toMatch(/^Deleted 1 of .* 80 days old\.\n$/);
    expect((await run('prune', '--older-than', '80')).stdout).toMatch(/^Deleted 0 of /);
  });

  it.each<[string, string[], RegExp]>([
    [
      'no age',
      [],
      /^Give the minimum age of the keys in days: --older-than 90\.\n\nUsage:\n {2}npm run db:prune/,
    ],
    ['an age of 0', ['--older-than', '0'], /^--older-than must be more than 0 .* not "0"\./],
    [
      'an age that is not a number',
      ['--older-than', 'old'],
      /^--older-than must be more than 0 .* not "old"\./,
    ],
    ['an unknown option', ['--all'], /^Unknown option '--all'\.\n\nUsage:\n {2}npm run db:prune/],
    ['an unknown project', ['--older-than', '1', '--project', 'x'], /^There is no project "x"\./],
  ])('db:prune with %s says what is wrong', async (_what, args, expected) => {
    const { code, stdout, stderr } = await run('prune', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it.each(['keys', 'customers', 'prune', 'audit', 'demo', 'migrate'])(
    '%s prints its usage and does nothing else',
    async (name) => {
      // No database listens there, so opening it would fail.
      const environment = {
        DATABASE_URL: 'postgresql://me@127.0.0.1:1/none',
        DATABASE_WAIT_MS: '0',
      };
      const asked = await runCommand(`commands/${name}.ts`, ['--help'], environment);
      expect(asked).toMatchObject({ code: 0, stderr: '' });
      expect(asked.stdout).toMatch(/^Usage:\n {2}npm run /);
      const { code, stdout, stderr } = await runCommand(
        `commands/${name}.ts`,
        ['--x'],
        environment,
      );
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(`Unknown option '--x'.\n\n${asked.stdout}`);
    },
  );

  it('start ends cleanly on a signal, even if npm sends it twice', async () => {
    const environment = { DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'silent' };
    const gateway = startCommand('main.ts', [], environment);
    const said = await gateway.says('\n');
    expect(said).toMatch(/^Tollgate listens on http:\/\/127\.0\.0\.1:\d+\/graphql and keeps/);
    expect(said).not.toContain('tg_sk_');
    const origin = /http:\S+(?=\/graphql)/.exec(said)?.[0];
    await expect(fetch(`${origin}/ready`)).resolves.toMatchObject({ status: 200 });
    gateway.signal('SIGINT');
    gateway.signal('SIGINT');
    await expect(gateway.ended).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it('start reports that its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const environment = { DATABASE_URL: database.url, PORT: port, LOG_LEVEL: 'silent' };
    await expect(runCommand('main.ts', [], environment)).resolves.toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} of 127.0.0.1 is in use by another program. Stop it, or choose another PORT.\n`,
    });
    taken.close();
  });

  it('start waits for a database that is down, reports it once, and gives up', async () => {
    const environment = {
      DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/usage',
      // Long enough for a first attempt on a busy machine.
      DATABASE_WAIT_MS: '3000',
    };
    const { code, stderr } = await runCommand('main.ts', [], environment);
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:1\/usage cannot be reached: .*3 s\.$/),
      expect.stringMatching(/^PostgreSQL at .* could not be reached within 3 s: .*ECONNREFUSED/),
      '',
    ]);
  });

  it('start does not wait for a database that refuses the connection', async () => {
    const url = new URL(database.url);
    url.pathname = '/nothing';
    const { code, stderr } = await runCommand('main.ts', [], { DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(stderr).toMatch(/refuses the connection: database "nothing" does not exist\. Correct/);
    expect(stderr).not.toContain(url.password);
  });

  it('start reports every invalid setting', async () => {
    const environment = { PORT: 'x', DATABASE_URL: 'mysql://me:hunter2@db/usage' };
    const { code, stdout, stderr } = await runCommand('main.ts', [], environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).not.toContain('hunter2');
  });
});

describe('the commands on the embedded database', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollgate-commands-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('start shows a secret once; keys, while start is running, says what to do', async () => {
    const environment = { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' };
    const first = startCommand('main.ts', [], environment);
    const said = await first.says('#key=');
    const [secret] = /tg_sk_[A-Za-z0-9_-]{43}/.exec(said) ?? [];
    expect(said).toContain(`graphql#key=${secret}`);
    const busy = await runCommand('commands/keys.ts', ['create'], environment);
    expect(busy).toMatchObject({ code: 1, stdout: '' });
    expect(busy.stderr).toMatch(/is running, and .* Stop it with Ctrl-C, run this command again/);
    first.signal('SIGTERM');
    await expect(first.ended).resolves.toMatchObject({ code: 0, stderr: '' });

    const second = startCommand('main.ts', [], environment);
    expect(await second.says('GraphiQL: ')).not.toContain('tg_sk_');
    second.signal('SIGINT');
    await expect(second.ended).resolves.toMatchObject({ code: 0, stderr: '' });

    const made = await runCommand('commands/keys.ts', ['create'], environment);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(SECRET) });
  });
});
