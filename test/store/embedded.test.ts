import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/store/embedded/embedded-database.js';
import { FolderInUseError } from '../../src/store/embedded/folder-lock.js';
import { spawnWriter } from '../support/database/spawn-writer.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-embedded-'));
const pristine = join(home, 'pristine');
const cleanUps: (() => Promise<unknown>)[] = [];
let folders = 0;
/** For tests that leave only a table of their own behind. */
let shared: EmbeddedDatabase;

beforeAll(async () => {
  // An interrupted first start leaves such a folder behind.
  mkdirSync(join(pristine, 'postgres.unfinished', 'base'), { recursive: true });
  writeFileSync(join(pristine, 'postgres.unfinished', 'PG_VERSION'), '18\n');
  await (await openEmbeddedDatabase({ folder: pristine })).close();
  shared = await openEmbeddedDatabase({ folder: copyOfPristine() });
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(async () => {
  await shared.close();
  rmSync(home, { recursive: true, force: true });
});

test('the first start replaces what an interrupted one left behind', () => {
  expect(readdirSync(pristine)).toEqual(['postgres']);
});

test('named statements, transactions and errors behave as on a server', async () => {
  const pool = poolOf(shared);
  await pool.query('CREATE TABLE named (id int PRIMARY KEY)');
  const insert = (id: number) => ({
    name: 'insert',
    text: 'INSERT INTO named VALUES ($1)',
    values: [id],
  });
  await pool.query(insert(1));
  await pool.query(insert(2));
  await expect(pool.query(insert(2))).rejects.toMatchObject({ code: '23505' });

  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(insert(3));
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await client.query(insert(4));
  await expect(client.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
  await expect(client.query(insert(5))).rejects.toMatchObject({ code: '25P02' });
  await client.query('COMMIT');
  await client.query('BEGIN');
  await client.query(insert(6));
  await client.query('COMMIT');
  client.release();
  expect(await ids(pool, 'named')).toEqual([1, 2, 6]);
});

test('a row of 1 MB is returned unchanged', async () => {
  const pool = poolOf(shared);
  const text = Array.from({ length: 2 ** 16 }, (_, index) => `${index}ü`.padEnd(15)).join('');
  const { rows } = await pool.query('SELECT $1::text AS text', [text]);
  expect(rows[0].text).toBe(text);
});

test('200 concurrent queries through a pool of one each get their own answer', async () => {
  const pool = poolOf(shared);
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  const results = await Promise.all(
    numbers.map((number) => pool.query('SELECT $1::int AS number', [number])),
  );
  expect(results.map(({ rows }) => rows[0].number)).toEqual(numbers);
});

test('data survives closing and reopening', async () => {
  const folder = copyOfPristine();
  const first = await open(folder);
  await poolOf(first).query('CREATE TABLE things AS SELECT 7 AS id');
  await cleanUps.pop()?.();
  await first.close();
  expect(await ids(poolOf(await open(folder)), 'things')).toEqual([7]);
});

test('a connection lost in mid-transaction leaves nothing behind, and the next one starts clean', async () => {
  const pool = poolOf(shared);
  await pool.query('CREATE TABLE lost (id int)');
  const lost = await pool.connect();
  lost.on('error', () => undefined);
  await lost.query({ name: 'statement', text: 'SELECT 1' });
  await lost.query("SET timezone = 'Asia/Tokyo'");
  await lost.query('SELECT pg_advisory_lock(1)');
  await lost.query('BEGIN');
  await lost.query('INSERT INTO lost VALUES (1)');
  lost.release(true);

  const { rows } = await pool.query({
    name: 'statement',
    text: "SELECT count(*)::int, current_setting('timezone') AS zone, (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks FROM lost",
  });
  expect(rows).toEqual([{ count: 0, zone: 'UTC', locks: 0 }]);
});

test("PostgreSQL's limit on an idle transaction does not end the engine with the session", async () => {
  const client = clientOf(shared);
  await client.connect();
  await client.query('SET idle_in_transaction_session_timeout = 1');
  await client.query('BEGIN');
  // Longer than the limit.
  await setTimeout(50);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

test('a second connection waits until the first one ends', async () => {
  const [first, second] = [clientOf(shared), clientOf(shared)];
  await first.connect();
  await first.query('CREATE TABLE seconds (id int)');
  await first.query('BEGIN');
  await first.query('INSERT INTO seconds VALUES (1)');
  const order: string[] = [];
  const connected = second.connect().then(() => order.push('second'));
  await first.query('COMMIT');
  order.push('first');
  await first.end();
  await connected;
  expect(order).toEqual(['first', 'second']);
  expect((await second.query('SELECT id FROM seconds')).rows).toEqual([{ id: 1 }]);
  await second.end();
});

test('a connection that has given up waiting is skipped', async () => {
  const first = clientOf(shared);
  await first.connect();
  const impatient = new Client({ stream: shared.stream, ssl: false, connectionTimeoutMillis: 1 });
  await expect(impatient.connect()).rejects.toThrow('timeout');
  await first.end();
  const third = clientOf(shared);
  await third.connect();
  await third.end();
});

test('opening the folder twice, in this process or another, fails with the folder and what to do', async () => {
  const folder = copyOfPristine();
  await open(folder);
  const message = `The folder ${folder} is in use by another Tollgate process. Stop that process`;
  const refusal = await openEmbeddedDatabase({ folder }).catch((error) => error);
  expect(refusal).toBeInstanceOf(FolderInUseError);
  expect(refusal.message).toContain(message);
  const other = spawnWriter({ folder });
  expect(await other.ended()).toBe(1);
  expect(other.errors()).toContain(message);
  expect(other.acknowledged).toEqual([]);
});

test('a garbled postmaster.pid of a dead process does not prevent a start', async () => {
  const folder = copyOfPristine();
  writeFileSync(join(folder, 'postgres', 'postmaster.pid'), 'garbage\n');
  const pool = poolOf(await open(folder));
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('files of another PostgreSQL version or damaged files are reported', async () => {
  const newer = copyOfPristine();
  writeFileSync(join(newer, 'postgres', 'PG_VERSION'), '99\n');
  await expect(openEmbeddedDatabase({ folder: newer })).rejects.toThrow(
    /its files were written by PostgreSQL 99\. Run the version of Tollgate that wrote them\.$/,
  );
  const damaged = copyOfPristine();
  writeFileSync(join(damaged, 'postgres', 'global', 'pg_control'), '');
  await expect(openEmbeddedDatabase({ folder: damaged })).rejects.toThrow(
    /could not be opened: .*pg_control.* Restore it from a backup\.$/,
  );
});

test('kill -9 during writes loses nothing acknowledged, and frees the folder', async () => {
  const folder = copyOfPristine();
  const acknowledged: number[] = [];
  for (const count of [100, 400]) {
    const writer = spawnWriter({ folder });
    await writer.reached(count);
    await writer.kill();
    acknowledged.push(...writer.acknowledged);
  }
  const written = new Set(await ids(poolOf(await open(folder)), 'written', 'number'));
  expect(acknowledged.filter((number) => !written.has(number))).toEqual([]);
  // Per kill, one write may have been in flight.
  expect(written.size - acknowledged.length).toBeLessThanOrEqual(3);
});

test('a value that is nested too deeply is an error, not a crash', async () => {
  const pool = poolOf(shared);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  await expect(pool.query('SELECT $1::jsonb', [deep])).rejects.toMatchObject({ code: '54001' });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('the write-ahead log is kept short, and dead rows are removed', async () => {
  const folder = copyOfPristine();
  const pool = poolOf(await open(folder));
  await pool.query('CREATE TABLE things AS SELECT n AS id FROM generate_series(1, 1000) n');
  await pool.query('UPDATE things SET id = -id');
  for (let megabytes = 0; megabytes < 160; megabytes += 16) {
    await pool.query("SELECT pg_logical_emit_message(false, '', repeat('x', 16 * 1024 * 1024))");
  }
  const { rows } = await pool.query(
    "SELECT n_dead_tup::int AS dead FROM pg_stat_user_tables WHERE relname = 'things'",
  );
  expect(rows).toEqual([{ dead: 0 }]);
  const log = readdirSync(join(folder, 'postgres', 'pg_wal'));
  const segments = log.filter((name) => /^[0-9A-F]{24}$/.test(name));
  expect(segments.length * 16).toBeLessThanOrEqual(128);
});

test('a panic of the engine is reported and ends its connections, and the next start recovers', async () => {
  const folder = copyOfPristine();
  const database = await open(folder);
  const fatal = new Promise<Error>((resolve) => database.onFatal(resolve));
  const client = clientOf(database);
  await client.connect();
  await client.query('CREATE TABLE things AS SELECT 1 AS id');
  const wal = join(folder, 'postgres', 'pg_wal');
  renameSync(wal, `${wal}.gone`);
  await expect(client.query('SELECT pg_switch_wal(); CREATE TABLE more ()')).rejects.toThrow();
  expect((await fatal).message).toMatch(/embedded database in .* stopped: PANIC.*pg_wal/);
  await expect(clientOf(database).connect()).rejects.toThrow('terminated');
  await database.close();
  renameSync(`${wal}.gone`, wal);
  expect(await ids(poolOf(await open(folder)), 'things')).toEqual([1]);
});

function copyOfPristine(): string {
  folders += 1;
  const folder = join(home, `folder-${folders}`);
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

async function open(folder = copyOfPristine()): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase({ folder });
  cleanUps.push(() => database.close());
  return database;
}

function poolOf(database: EmbeddedDatabase): Pool {
  const pool = new Pool({ stream: database.stream, max: 1, ssl: false });
  pool.on('error', ignore);
  cleanUps.push(() => pool.end());
  return pool;
}

function clientOf(database: EmbeddedDatabase): Client {
  const client = new Client({ stream: database.stream, ssl: false });
  client.on('error', ignore);
  return client;
}

/** A closed connection rejects the pending query, and is otherwise not an error. */
function ignore(): void {
  return;
}

async function ids(pool: Pool, table: string, column = 'id'): Promise<number[]> {
  const { rows } = await pool.query(`SELECT ${column} AS id FROM ${table} ORDER BY 1`);
  return rows.map((row) => row.id);
}
