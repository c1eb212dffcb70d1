/**
 * A full disk under the embedded database: writes are refused in time, and if it is too late for
 * that, the engine ends with a message instead of hanging. Run as root, with e2fsprogs:
 *
 *     npx vitest run --project faults test/faults/embedded-disk-full.test.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/store/embedded/embedded-database.js';
import { migrate } from '../../src/store/migrate.js';
import { createLoopDisk, type LoopDisk } from '../support/postgres/loop-disk.js';

const TABLE = 'CREATE TABLE written (number serial, padding text)';
// Random, because PostgreSQL compresses repetitions.
const INSERT = `INSERT INTO written (padding)
  SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 30000) RETURNING number`;
const COUNT = 'SELECT count(*)::int FROM written';

let disk: LoopDisk;
let folder: string;
let database: EmbeddedDatabase;
let client: Client;

beforeEach(async () => {
  disk = createLoopDisk({ megabytes: 320 });
  folder = join(disk.folder, 'data');
  await open();
  await client.query(TABLE);
});

afterEach(async () => {
  await database.close();
  disk.remove();
});

test('writes are refused while little space is free, reads continue, and nothing is lost', async () => {
  let acknowledged = 0;
  const fill = async () => {
    for (;;) {
      await client.query(INSERT);
      acknowledged += 1;
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: '25006' });
  expect((await client.query(COUNT)).rows).toEqual([{ count: acknowledged }]);

  const { bavail, bsize } = statfsSync(disk.folder);
  expect(bavail * bsize).toBeGreaterThan(32 * 2 ** 20);
});

test('a disk that another program has filled is writable again once there is space', async () => {
  await client.query(INSERT);
  const other = fillDisk();
  await expect(client.query(INSERT)).rejects.toMatchObject({ code: '25006' });
  rmSync(other);
  await client.query(INSERT);
  expect((await client.query(COUNT)).rows).toEqual([{ count: 2 }]);
});

test('a transaction during which the disk fills up ends with an error and does not hang', async () => {
  await client.query(INSERT);
  await client.query('BEGIN');
  await client.query(INSERT);
  const other = fillDisk();
  const fill = async () => {
    for (;;) await client.query(INSERT);
  };
  await expect(fill()).rejects.toThrow(/No space left on device|terminated unexpectedly/);
  await client.end().catch(() => undefined);
  await database.close();

  rmSync(other);
  await open();
  expect((await client.query(COUNT)).rows).toEqual([{ count: 1 }]);
});

test('a full disk is reported once, although each refused write ends its session', async () => {
  const other = fillDisk();
  const said: string[] = [];
  const listen = ({ message }: Error) => said.push(message);
  process.on('warning', listen);
  for (let session = 0; session < 5; session += 1) {
    await expect(client.query(INSERT)).rejects.toMatchObject({ code: '25006' });
    await client.end();
    await connect();
  }
  rmSync(other);
  await client.query(INSERT);
  // A warning is emitted in a later turn than the answer.
  await client.query(COUNT);
  process.off('warning', listen);
  expect(said.filter((message) => message.includes(disk.folder))).toEqual([
    expect.stringMatching(/^Only \d+ MB are free .*: writes are refused until there are 128 MB\.$/),
    expect.stringMatching(/^\d+ MB are free .*: writes are accepted again\.$/),
  ]);
});

test('a start on a nearly full disk serves what is there, and migrates nothing', async () => {
  await client.end();
  const address = { stream: database.stream };
  const start = () => migrate({ address, connectTimeoutMs: 10_000 });
  const other = fillDisk();
  await expect(start()).rejects.toThrow(
    /has to be brought up to date, and there is too little space/,
  );
  rmSync(other);
  expect((await start()).length).toBeGreaterThan(0);
  fillDisk();
  await expect(start()).resolves.toEqual([]);
});

test('the free space is that of the disk that a link leads to', async () => {
  await database.close();
  const elsewhere = mkdtempSync(join(tmpdir(), 'tollgate-linked-'));
  symlinkSync(join(folder, 'postgres'), join(elsewhere, 'postgres'));
  await open(elsewhere);
  fillDisk();
  await expect(client.query(INSERT)).rejects.toMatchObject({ code: '25006' });
  rmSync(elsewhere, { recursive: true });
});

async function open(place = folder): Promise<void> {
  database = await openEmbeddedDatabase({ folder: place });
  await connect();
}

async function connect(): Promise<void> {
  client = new Client({ stream: database.stream, ssl: false });
  client.on('error', () => undefined);
  await client.connect();
}

function fillDisk(): string {
  const file = join(disk.folder, 'other');
  const { bavail, bsize } = statfsSync(disk.folder);
  execFileSync('fallocate', ['--length', String(bavail * bsize), file]);
  return file;
}
