/** The files of a database have one engine, whatever leads to them, and an engine writes to its own files only. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/store/embedded/embedded-database.js';
import { FolderInUseError } from '../../src/store/embedded/folder-lock.js';
import { bindMount } from '../support/postgres/bind-mount.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-moved-'));
const pristine = join(home, 'pristine');
const cleanUps: (() => unknown)[] = [];
let folders = 0;

beforeAll(async () => {
  await (await openEmbeddedDatabase({ folder: pristine })).close();
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const newName = () => {
  folders += 1;
  return join(home, `folder-${folders}`);
};

async function open(folder: string): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase({ folder });
  cleanUps.push(() => database.close());
  return database;
}

interface Running {
  readonly folder: string;
  readonly database: EmbeddedDatabase;
  readonly client: Client;
  readonly stopped: Promise<Error>;
}

async function running(): Promise<Running> {
  const folder = newName();
  cpSync(pristine, folder, { recursive: true });
  const database = await open(folder);
  const client = clientOf(database);
  await client.connect();
  await client.query('CREATE TABLE things AS SELECT 1 AS id');
  const stopped = new Promise<Error>((resolve) => database.onFatal(resolve));
  return { folder, database, client, stopped };
}

function clientOf(database: EmbeddedDatabase): Client {
  const client = new Client({ stream: database.stream, ssl: false });
  client.on('error', () => undefined);
  return client;
}

const isInUse = (folder: string) =>
  expect(openEmbeddedDatabase({ folder })).rejects.toThrow(FolderInUseError);

/** Of every file of an engine, its content and when it was written. */
function stateOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name === 'control.token') continue;
    const found = statSync(join(folder, name));
    hash.update(`${name} ${found.mtimeMs} `);
    if (found.isFile()) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

test('a database that is renamed while it is in use is not opened twice, and loses nothing', async () => {
  const { folder, database, client, stopped } = await running();
  const moved = newName();
  renameSync(folder, moved);
  await isInUse(moved);
  await expect(client.query('INSERT INTO things VALUES (2)')).rejects.toThrow();
  expect((await stopped).message).toBe(
    `The embedded database in ${folder} stopped: its folder ${join(folder, 'postgres')} was moved, ` +
      'replaced or removed while it was in use. What was acknowledged is on disk; restart once ' +
      'the cause is fixed.',
  );
  await database.close();
  const again = clientOf(await open(moved));
  await again.connect();
  expect((await again.query('SELECT id FROM things')).rows).toEqual([{ id: 1 }]);
});

test.each<[string, (folder: string) => void]>([
  ['data folder', (folder) => renameSync(folder, newName())],
  ['folder in it', (folder) => renameSync(join(folder, 'postgres'), `${folder}.gone`)],
])('another database in the place of its %s is not written to', async (_what, move) => {
  for (const use of [
    ({ client }: Running) => client.query('INSERT INTO things VALUES (2)'),
    ({ client }: Running) => client.query('COMMIT'),
    ({ database }: Running) => database.close(),
  ]) {
    const one = await running();
    await one.client.query('BEGIN');
    await one.client.query('INSERT INTO things VALUES (3)');
    move(one.folder);
    cpSync(pristine, one.folder, { recursive: true });
    const before = stateOf(one.folder);
    await isInUse(one.folder);
    await use(one).catch(() => undefined);
    expect((await one.stopped).message).toContain('moved, replaced or removed');
    await one.database.close();
    expect(stateOf(one.folder)).toBe(before);
  }
});

test('a database that another data folder leads to is not opened twice', async () => {
  const { folder, client } = await running();
  const linked = newName();
  mkdirSync(linked);
  symlinkSync(join(folder, 'postgres'), join(linked, 'postgres'));
  await isInUse(linked);

  const mounted = newName();
  const mount = bindMount(join(folder, 'postgres'), join(mounted, 'postgres'));
  if (mount !== null) cleanUps.push(() => mount.remove());
  if (mount !== null) await isInUse(mounted);
  expect((await client.query('SELECT id FROM things')).rows).toEqual([{ id: 1 }]);
});

test('a database that has just been created is locked like any other', async () => {
  const folder = newName();
  await open(folder);
  const moved = newName();
  mkdirSync(moved);
  renameSync(join(folder, 'postgres'), join(moved, 'postgres'));
  await isInUse(moved);
});

test.each<[string, (target: string) => string]>([
  ['absolute', (target) => target],
  ['relative', (target) => relative(newName(), target)],
])(
  'a database on another disk works through an %s link, and is locked there',
  async (_what, to) => {
    const disk = newName();
    cpSync(pristine, disk, { recursive: true });
    const folder = newName();
    mkdirSync(folder);
    symlinkSync(to(join(disk, 'postgres')), join(folder, 'postgres'));
    const database = await open(folder);
    const client = clientOf(database);
    await client.connect();
    await client.query('CREATE TABLE things AS SELECT 1 AS id');
    await isInUse(disk);
    await database.close();
    const direct = clientOf(await open(disk));
    await direct.connect();
    expect((await direct.query('SELECT id FROM things')).rows).toEqual([{ id: 1 }]);
  },
);
