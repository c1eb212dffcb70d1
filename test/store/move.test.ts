/** `npm run move`: every row, or nothing, whatever happens meanwhile. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseAddress } from '../../src/store/database.js';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/store/embedded/embedded-database.js';
import { removeMark, writeMark } from '../../src/store/embedded/moved-mark.js';
import { failureOf } from '../../src/store/failure.js';
import { type MoveOptions, moveDatabase } from '../../src/store/move/move.js';
import { createClient } from '../support/client/client.js';
import { track, wasTracked } from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { createTables, during, ODD, prepareSource, start } from '../support/database/moves.js';
import { damagesOf } from '../support/database/project.js';
import { rowsIn } from '../support/database/rows-in.js';
import { runCommand } from '../support/gateway/command.js';
import { startLocalGateway } from '../support/gateway/local-gateway.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-move-'));
const cleanUps: (() => Promise<unknown>)[] = [];

let secret: string;
let source: EmbeddedDatabase | undefined;

beforeAll(async () => {
  secret = await prepareSource(folder);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  await source?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function emptyTarget(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  cleanUps.push(() => database.drop());
  return database;
}

/** A target with empty tables, and something added to them. */
async function migrated(sql: string): Promise<TestDatabase> {
  const target = await emptyTarget();
  await createTables(target, sql);
  return target;
}

const countIn = async (database: TestDatabase) =>
  Object.values(await rowsIn({ connectionString: database.url })).flat().length;

describe('the command', () => {
  const move = (args: readonly string[], settings: Record<string, string> = {}) =>
    runCommand('commands/move.ts', args, { DATA_DIR: folder, ...settings });

  it('moves every row, after which clients go on there and no gateway goes on here', async () => {
    const target = await emptyTarget();
    const { password, host } = new URL(target.url);
    const ended = await move([target.url]);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(
      /^[\d,]+ rows were moved from .* and are the same there\. No gateway/,
    );
    expect(ended.stdout).toMatch(
      /15 balances checked: each is the sum of its ledger\.\nNext: start/,
    );
    expect(ended.stdout).toContain(`PostgreSQL at ${host}/`);
    expect(ended.stderr.split('Copied; comparing what').length).toBe(2);

    const address = { connectionString: target.url };
    const moved = await rowsIn(address);
    const gateway = await startLocalGateway(address);
    cleanUps.push(() => gateway.close());
    const client = createClient(gateway.origin, secret);
    expect(await track(client, 'ada', ODD)).toMatchObject({ replayed: true });
    const next = await track(client, 'ada', { featureId: 'messages', value: 1 });
    expect(wasTracked(next)).toBe(true);
    expect(await damagesOf(address)).toEqual([]);

    const refused = await runCommand('commands/audit.ts', [], { DATA_DIR: folder });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`was moved to PostgreSQL at ${host}/`);
    expect((await move([target.url])).stderr).toContain('was moved to PostgreSQL at');
    const mark = readFileSync(join(folder, 'moved.json'), 'utf8');
    for (const text of [ended.stdout, ended.stderr, refused.stderr, mark]) {
      if (password !== '') expect(text).not.toContain(password);
    }
    removeMark(folder);
    const address2 = await openSource();
    expect(await rowsIn(address2)).toEqual(moved);
    expect(moved['events']?.length).toBeGreaterThan(100);
    await source?.close();
  });

  it('finds out that a move whose end was not seen had been committed', async () => {
    const target = await emptyTarget();
    expect(await move([], { DATABASE_URL: target.url })).toMatchObject({ code: 0 });
    const { to } = JSON.parse(readFileSync(join(folder, 'moved.json'), 'utf8'));
    writeMark(folder, 'MOVING', to);
    const other = await emptyTarget();
    const elsewhere = await move([other.url]);
    expect(elsewhere.stderr).toContain('Run the same `npm run move` again to find out.');
    const again = await move([target.url]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toMatch(/ has all [\d,]+ rows of .* from an earlier move\./);
    removeMark(folder);
    await withClient(target.url, (client) => client.query("UPDATE customers SET name = 'x'"));
    const changed = await move([target.url]);
    expect(changed).toMatchObject({ code: 1, stdout: '' });
    expect(changed.stderr).toContain('The target is not empty: projects, api_keys, features, ');
    expect(existsSync(join(folder, 'moved.json'))).toBe(false);
  });

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['no address', [], {}, /^Usage:/],
    ['two addresses', ['postgresql://h/a', 'b'], {}, /^Usage:/],
    ['another kind of address', ['mysql://u:secret@h/d'], {}, /is an address for "mysql"/],
    ['an unreadable address', ['postgresql://u:sec#ret@h/d'], {}, /is not a valid address/],
    ['no database', ['postgresql://h/d'], { DATA_DIR: '/nowhere' }, /There is no database in/],
    [
      'a closed port',
      ['postgresql://u:secret@127.0.0.1:1/d'],
      {},
      /^Cannot connect to PostgreSQL at 127\.0\.0\.1:1\/d: .* Nothing was moved, and /,
    ],
  ])('says what is wrong: %s', async (_what, args, settings, said) => {
    const ended = await move(args, settings);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toMatch(/secret|sec#ret/);
  });

  it('says what the server says, never the password, and leaves everything as it was', async () => {
    const target = await migrated(
      during(
        'events',
        'BEFORE INSERT',
        "RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'",
      ),
    );
    const full = await move([target.url]);
    expect(full).toMatchObject({ code: 1, stdout: '' });
    expect(full.stderr).toMatch(
      /: the disk is full \(SQLSTATE 53100\)\. .* Nothing was moved, and /,
    );
    const wrong = new URL(target.url);
    wrong.password = 'not-this-one';
    const refused = await move([wrong.href]);
    expect(refused.stderr).toMatch(
      / Correct the user name and the password .* Nothing was moved, /,
    );
    expect(full.stderr + refused.stderr).not.toContain(new URL(target.url).password || 'not-this');
    expect(refused.stderr).not.toContain('not-this-one');
    expect(existsSync(join(folder, 'moved.json'))).toBe(false);
  });

  it('refuses while a gateway is running', async () => {
    await openSource();
    const ended = await move(['postgresql://127.0.0.1:1/d']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^The gateway on .* is running, .* Stop it with Ctrl-C/);
  });
});

async function openSource(): Promise<DatabaseAddress> {
  source = await openEmbeddedDatabase({ folder });
  const { close } = source;
  cleanUps.push(() => close());
  return { stream: source.stream };
}

describe('a move', () => {
  let from: DatabaseAddress;

  beforeAll(async () => {
    source = await openEmbeddedDatabase({ folder });
    from = { stream: source.stream };
  });

  const move = ({ url }: TestDatabase, options: Partial<MoveOptions> = {}) =>
    moveDatabase({
      source: from,
      target: { connectionString: url },
      places: 1,
      connectTimeoutMs: 10_000,
      say: () => undefined,
      onRows: () => undefined,
      onCommit: () => undefined,
      onRollback: () => undefined,
      from: 'the database of this test',
      wasCommitted: false,
      ...options,
    });

  it('that is interrupted anywhere leaves no rows, and a target on which nothing starts until it is completed', async () => {
    const target = await emptyTarget();
    for (const at of [0.01, 0.5, 1]) {
      const onRows = (rows: number, total: number) => {
        if (rows >= at * total) throw new Error('interrupted');
      };
      await expect(move(target, { onRows })).rejects.toThrow('interrupted');
      expect(await countIn(target)).toBe(0);
      await expect(start(target)).rejects.toThrow(
        /^A move into the database was begun and has not been completed, of the database of this test\. .* run the same `npm run move` again /,
      );
    }
    expect(await move(target)).toMatchObject({ wasThere: false });
    expect(await countIn(target)).toBeGreaterThan(200);
    expect(await start(target)).toEqual([]);
  });

  it.each(['projects', 'events', 'idempotency_keys'])(
    'whose connection is lost after rows of %s leaves nothing',
    async (table) => {
      const target = await migrated(
        during(table, 'AFTER INSERT', 'PERFORM pg_terminate_backend(pg_backend_pid())'),
      );
      const lost = await move(target).catch((error: unknown) => error);
      expect(failureOf(lost)).toBe('CONNECTION_LOST');
      expect(await countIn(target)).toBe(0);
      await expect(start(target)).rejects.toThrow('A move into the database was begun');
    },
  );

  it.each([
    ["RAISE EXCEPTION 'not today'", /not today/, ['committing', 'rolled back']],
    [
      'PERFORM pg_terminate_backend(pg_backend_pid())',
      /Run the same command again/,
      ['committing'],
    ],
  ])('says of a commit that ends with %s what is known', async (what, message, steps) => {
    const target = await migrated(
      during('projects', 'CONSTRAINT AFTER INSERT', what, 'DEFERRABLE INITIALLY DEFERRED'),
    );
    const told: string[] = [];
    const onCommit = () => void told.push('committing');
    const onRollback = () => void told.push('rolled back');
    await expect(move(target, { onCommit, onRollback })).rejects.toThrow(message);
    expect(told).toEqual(steps);
    expect(await countIn(target)).toBe(0);
    await expect(start(target)).rejects.toThrow('A move into the database was begun');
  });

  it('notices that the server has stored something else', async () => {
    const change = `NEW.metadata = '{"a": 1}'; RETURN NEW`;
    const target = await migrated(during('customers', 'BEFORE INSERT', change));
    await expect(move(target)).rejects.toThrow('The rows of customers are not what they are in');
    expect(await countIn(target)).toBe(0);
  });

  it('refuses a database of another program or of a newer release, and does not migrate one with rows', async () => {
    const target = await emptyTarget();
    await withClient(target.url, (client) =>
      client.query('CREATE TABLE customers (id int); INSERT INTO customers VALUES (1)'),
    );
    await expect(move(target)).rejects.toThrow('The target is not empty: customers has rows');
    await withClient(target.url, (client) => client.query('TRUNCATE customers'));
    await expect(move(target)).rejects.toThrow("another program's tables");
    const newer = await migrated(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('1', '', '9999_x', now())",
    );
    await expect(move(newer)).rejects.toThrow('by a newer version of Tollgate');
    await expect(start(newer)).rejects.toThrow('by a newer version of Tollgate');
  });
});
