import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noNames, pinnedClient, StatementNames } from '../../src/store/pinned-client.js';
import { PLANNED_ONCE, pinStatements } from '../../src/store/settings.js';
import { connect } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';

const PINS = pinStatements({ statementTimeoutMs: 7_000, lockTimeoutMs: 3_000 });

const HOSTILE = {
  synchronous_commit: 'off',
  search_path: 'evil, pg_catalog',
  TimeZone: 'Asia/Kolkata',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  enable_seqscan: 'on',
  enable_indexscan: 'off',
  enable_bitmapscan: 'on',
  enable_tidscan: 'off',
  enable_nestloop: 'off',
  plan_cache_mode: 'force_custom_plan',
  jit: 'on',
  exit_on_error: 'on',
  statement_timeout: '1min',
  lock_timeout: '1min',
  idle_in_transaction_session_timeout: '1min',
  default_transaction_isolation: 'serializable',
} as const;

const PINNED = {
  synchronous_commit: 'on',
  search_path: 'public, pg_temp',
  client_encoding: 'UTF8',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  enable_seqscan: 'off',
  enable_indexscan: 'on',
  enable_bitmapscan: 'off',
  enable_tidscan: 'on',
  enable_nestloop: 'on',
  plan_cache_mode: 'auto',
  jit: 'off',
  exit_on_error: 'off',
  statement_timeout: '7s',
  lock_timeout: '3s',
  idle_in_transaction_session_timeout: '7s',
  transaction_isolation: 'read committed',
} as const;

/** A query of the settings that apply to it. */
const seen = (names: readonly string[]) =>
  `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`;
const SEEN = seen(Object.keys(PINNED));

const ISOLATION = 'transaction_isolation';

let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createEmptyDatabase();
  admin = await connect(database.url);
  await admin.query('CREATE TABLE kept (id int PRIMARY KEY)');
  // What a search path may put before that of which the pins are made.
  await admin.query(`CREATE SCHEMA evil;
    CREATE FUNCTION evil.fails(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT 1 / 0 = 1';
    CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.fails)`);
  const name = new URL(database.url).pathname.slice(1);
  for (const [setting, value] of Object.entries(HOSTILE)) {
    const literal = setting === 'search_path' ? value : `'${value}'`;
    await admin.query(`ALTER DATABASE ${name} SET ${setting} = ${literal}`);
  }
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

async function connected(names: StatementNames): Promise<pg.Client> {
  const client = new (pinnedClient(PINS, names))({ connectionString: database.url });
  // A client left open by a failed test is disconnected with its database, which is not an error.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Queries the connection as another client of a pooler would. */
const unpinned = (client: pg.Client, text: string): Promise<pg.QueryResult> =>
  Reflect.apply(pg.Client.prototype.query, client, [text]);

describe.each([
  ['prepared under names', () => new StatementNames(() => undefined)],
  ['not prepared', noNames],
])('a pinned client whose statements are %s', (_how, names) => {
  const using = async (work: (client: pg.Client) => Promise<void>) => {
    const client = await connected(names());
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };

  it('runs every statement with the pinned settings, from the first to the tenth', () =>
    using(async (client) => {
      for (let times = 0; times < 10; times += 1) {
        const { rows } = await client.query({ text: SEEN, values: [] });
        expect(rows).toEqual([PINNED]);
      }
    }));

  it('runs every statement of a transaction with the pinned settings', () =>
    using(async (client) => {
      for (const end of ['COMMIT', 'ROLLBACK']) {
        await client.query('BEGIN');
        for (let times = 0; times < 3; times += 1) {
          expect((await client.query(SEEN)).rows).toEqual([PINNED]);
        }
        await client.query(end);
      }
    }));

  it('plans a statement once if it says so, and no other statement', () =>
    using(async (client) => {
      const once = { ...PINNED, plan_cache_mode: 'force_generic_plan' };
      for (const [text, expected] of [
        [SEEN, PINNED],
        [PLANNED_ONCE + SEEN, once],
        [PLANNED_ONCE + SEEN, once],
        [SEEN, PINNED],
      ] as const) {
        expect((await client.query({ text, values: [] })).rows).toEqual([expected]);
      }
    }));

  it('leaves the settings of the connection unchanged', () =>
    using(async (client) => {
      await client.query({ text: SEEN, values: [] });
      await client.query('BEGIN');
      await client.query('COMMIT');
      const { default_transaction_isolation, ...settings } = HOSTILE;
      const { rows } = await unpinned(client, seen([...Object.keys(settings), ISOLATION]));
      expect(rows).toEqual([{ ...settings, [ISOLATION]: default_transaction_isolation }]);
    }));

  it('continues after an error, within a transaction and outside of one', () =>
    using(async (client) => {
      for (let times = 0; times < 3; times += 1) {
        const wrong = client.query({ text: 'SELECT 1 / $1::int', values: [0] });
        await expect(wrong).rejects.toMatchObject({ code: '22012' });
        const unknown = client.query({ text: 'SELECT * FROM nowhere', values: [] });
        await expect(unknown).rejects.toMatchObject({ code: '42P01' });
        await client.query('BEGIN');
        await expect(client.query('SELECT * FROM nowhere')).rejects.toThrow('nowhere');
        await client.query('ROLLBACK');
        expect((await client.query({ text: SEEN, values: [] })).rows).toEqual([PINNED]);
      }
    }));

  it('returns the rows, the fields and the count of the statement alone', () =>
    using(async (client) => {
      for (let times = 0; times < 3; times += 1) {
        const rows = await client.query({ text: 'SELECT $1::int AS one', values: [1] });
        expect(rows).toMatchObject({ rows: [{ one: 1 }], rowCount: 1, command: 'SELECT' });
        expect(rows.fields.map(({ name }) => name)).toEqual(['one']);
        const text = 'INSERT INTO kept SELECT generate_series(1, $1::int) ON CONFLICT DO NOTHING';
        const written = await client.query({ text, values: [3] });
        expect(written).toMatchObject({ rows: [], command: 'INSERT' });
        const gone = await client.query({ text: 'DELETE FROM kept', values: [] });
        expect(gone).toMatchObject({ rowCount: 3, command: 'DELETE' });
      }
    }));

  it('causes no warning of the server', () =>
    using(async (client) => {
      const notices: unknown[] = [];
      client.on('notice', ({ message }) => notices.push(message));
      for (let times = 0; times < 3; times += 1) {
        await client.query({ text: SEEN, values: [] });
        await client.query('BEGIN');
        await client.query('COMMIT');
      }
      expect(notices).toEqual([]);
    }));
});

it('reports a statement as not begun if its pins exceed the statement_timeout of the role', async () => {
  const slow = () => [...PINS('SELECT 1'), 'SELECT pg_sleep(10)'];
  const Client = pinnedClient(slow, new StatementNames(() => undefined));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (let times = 0; times < 2; times += 1) {
    await unpinned(client, "SET statement_timeout = '20ms'");
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'TG000' });
  }
  await client.end();
});

it.each([0, 1])('prepares again what an error has interrupted: pin %i of two more', async (at) => {
  await admin.query('CREATE TABLE IF NOT EXISTS cancelling ()');
  // Sleeping notices the cancellation at once.
  const cancel = `SELECT pg_sleep(60) FROM
    (SELECT pg_cancel_backend(pg_backend_pid()) AS done FROM public.cancelling) AS c WHERE done`;
  const more = at === 0 ? [cancel, 'SELECT 2'] : ['SELECT 2', cancel];
  const lost = vi.fn();
  const Client = pinnedClient(() => [...PINS('SELECT 1'), ...more], new StatementNames(lost));
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('SELECT 1');
  await admin.query('INSERT INTO cancelling DEFAULT VALUES');
  for (let times = 0; times < 2; times += 1) {
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'TG000' });
  }
  await admin.query('TRUNCATE cancelling');
  for (let times = 0; times < 3; times += 1) {
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  }
  expect(lost).not.toHaveBeenCalled();
  const prepared = 'SELECT count(*)::int AS count FROM pg_prepared_statements';
  expect((await unpinned(client, prepared)).rows).toEqual([{ count: 5 }]);
  await client.end();
});

it('has no transaction_timeout, and UTF-8, whatever the database sets', async () => {
  const name = new URL(database.url).pathname.slice(1);
  const seenFirst = "SELECT current_setting('transaction_timeout', true) AS limited";
  const { rows } = await admin.query(seenFirst);
  const isLimited = rows[0].limited !== null;
  if (isLimited) await admin.query(`ALTER DATABASE ${name} SET transaction_timeout = '1min'`);
  await admin.query(`ALTER DATABASE ${name} SET client_encoding = 'LATIN1'`);
  const client = await connected(noNames());
  await unpinned(client, "SET client_encoding = 'LATIN1'");
  const found = await client.query({
    text: `SELECT current_setting('transaction_timeout', true) AS limited,
      current_setting('client_encoding') AS encoding, $1::text AS text`,
    values: ['€'],
  });
  await client.end();
  expect(found.rows).toEqual([{ limited: isLimited ? '0' : null, encoding: 'UTF8', text: '€' }]);
});

it('a pinned client keeps a stronger synchronous_commit that the operator has set', async () => {
  const client = await connected(noNames());
  for (const [given, kept] of [
    ['off', 'on'],
    ['local', 'on'],
    ['remote_write', 'on'],
    ['on', 'on'],
    ['remote_apply', 'remote_apply'],
  ] as const) {
    await unpinned(client, `SET synchronous_commit = ${given}`);
    const { rows } = await client.query({
      text: `SELECT current_setting('synchronous_commit') AS s`,
    });
    expect(rows, given).toEqual([{ s: kept }]);
  }
  await client.end();
});

it('a pinned client stops using prepared statements once a pooler has lost them, and reports it once', async () => {
  let lost = 0;
  const names = new StatementNames(() => {
    lost += 1;
  });
  const client = await connected(names);
  const query = { text: 'SELECT 1 AS one', values: [] };
  for (let times = 0; times < 2; times += 1) await client.query(query);
  await unpinned(client, 'SET exit_on_error = off; DEALLOCATE ALL');
  await expect(client.query(query)).rejects.toMatchObject({ code: '26000' });
  for (let times = 0; times < 2; times += 1) {
    expect((await client.query(query)).rows).toEqual([{ one: 1 }]);
  }
  expect(lost).toBe(1);
  await client.end();
});

it('the names of a limited number of statements are cached, and the others have stable names as well', () => {
  const names = new StatementNames(() => undefined);
  const set = vi.spyOn(Map.prototype, 'set');
  const texts = Array.from({ length: 3_000 }, (_, number) => `SELECT ${number}`);
  const given = texts.map((text) => names.of(text));
  const [kept] = set.mock.contexts;
  set.mockRestore();
  expect(kept instanceof Map && kept.size).toBe(1_000);
  expect(new Set(given).size).toBe(texts.length);
  expect(texts.map((text) => names.of(text))).toEqual(given);
});
