/**
 * What `npm run backup`, `npm run restore` and `npm run move` leave when they are killed at any step: never something that is taken for
 * complete, and the same command goes on or begins anew. The steps are shown by copies of what is on the disk after each.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { locationOf } from '../../src/commands/database-trouble.js';
import { channelThrough } from '../../src/store/embedded/backup-port.js';
import { type BackupSource, openBackupSource } from '../../src/store/embedded/backup-source.js';
import { createBaseBackups, KEPT_LOG_BYTES_MAX } from '../../src/store/embedded/base-backup.js';
import { clusterIn } from '../../src/store/embedded/cluster-folder.js';
import { openEmbeddedDatabase } from '../../src/store/embedded/embedded-database.js';
import { startEngine } from '../../src/store/embedded/engine.js';
import { readMark, refuseMoved, writeMark } from '../../src/store/embedded/moved-mark.js';
import { readBackup } from '../../src/store/embedded/read-backup.js';
import { restoreBackup } from '../../src/store/embedded/restore.js';
import { writeBackup } from '../../src/store/embedded/write-backup.js';
import { migrate } from '../../src/store/migrate.js';
import { createClient } from '../support/client/client.js';
import { withClient } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { restore, startOn } from '../support/database/embedded-backup.js';
import { runCommand } from '../support/gateway/command.js';
import { prepareLoad } from '../support/load/load.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-killed-'));
const folder = join(home, 'data');
const path = join(home, 'backups', 'killed.tar.gz');
const cleanUps: (() => Promise<unknown>)[] = [];
let names = 0;

const newFolder = () => {
  names += 1;
  return join(home, `folder-${names}`);
};

beforeAll(async () => {
  const { gateway, close } = await startOn(folder);
  await prepareLoad(createClient(gateway.origin, gateway.secret));
  await close();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function source(): Promise<BackupSource> {
  const found = await openBackupSource(folder);
  cleanUps.push(() => found.close());
  return found;
}

const quiet = {
  overwrite: false,
  onCopied: () => undefined,
  onWritten: () => undefined,
  stop: new AbortController().signal,
};

/** A backup of which the log has been copied, but not yet confirmed, when something is done. */
function backUp(
  path: string,
  { backup, ...found }: BackupSource,
  unconfirmed: () => void,
  onWritten: () => void = quiet.onWritten,
) {
  const confirm = async () => {
    unconfirmed();
    await backup.confirm();
  };
  return writeBackup({
    ...quiet,
    source: { ...found, backup: { ...backup, confirm } },
    path,
    onWritten,
  });
}

it('a backup that is killed leaves no file of its name, and the next one replaces what it has left', async () => {
  const into = dirname(path);
  mkdirSync(into);
  const unfinished = `${path}.unfinished`;
  const left = (name: string) => join(home, `left-${name}`);
  writeFileSync(unfinished, 'of a backup that was killed');
  const found = await source();
  let checks = 0;
  const copyAs = (name: string) => {
    copyFileSync(unfinished, left(name));
    expect(readdirSync(into)).toEqual(['killed.tar.gz.unfinished']);
  };
  const early = () => {
    checks += 1;
    copyAs('early');
  };
  await backUp(path, found, early, () => copyAs('late'));
  expect(checks).toBe(1);
  expect(readdirSync(into)).toEqual(['killed.tar.gz']);
  // Killed before it was verified, but complete.
  await readBackup(left('late'));
  const bytes = readFileSync(left('early'));
  for (const length of [0, 1, 11, 100, 5_000, bytes.length]) {
    writeFileSync(left('cut'), bytes.subarray(0, length));
    await expect(readBackup(left('cut'))).rejects.toThrow(/is damaged or not complete: .*another/);
  }
  // Killed after it had its name, before the other was removed.
  linkSync(path, unfinished);
  await expect(writeBackup({ ...quiet, source: found, path })).rejects.toThrow(
    'killed.tar.gz exists.',
  );
  expect(readdirSync(into)).toEqual(['killed.tar.gz']);
});

it('a backup fails if the gateway is killed before the log has been copied', async () => {
  const found = await source();
  const written = backUp(join(home, 'orphaned.tar.gz'), found, () => found.backup.release());
  await expect(written).rejects.toThrow('could not be backed up: the process that has it open st');
  expect(readdirSync(home).filter((name) => name.startsWith('orphaned'))).toEqual([]);
});

it('a restore that is killed leaves a folder that nothing starts on, and that the next restore completes', async () => {
  const into = newFolder();
  const killed: string[] = [];
  const kill = () => {
    killed.push(newFolder());
    cpSync(into, killed.at(-1) ?? '', { recursive: true });
  };
  let files = 0;
  await restoreBackup({
    path,
    folder: into,
    onRead: () => undefined,
    onFile: () => {
      files += 1;
      if (files === 500) kill();
    },
    onUnpacked: kill,
  });
  const [first = '', last = ''] = killed;
  for (const folder of killed) {
    expect(readdirSync(folder)).toEqual(['postgres.restoring']);
    const opened = openEmbeddedDatabase({ folder });
    await expect(opened).rejects.toThrow('has not been completed. Run the same `npm run restore`');
    await expect(openBackupSource(folder)).rejects.toThrow(/to start with an empty database\.$/);
  }
  // A restore that is refused leaves it so.
  writeFileSync(join(first, 'notes.txt'), '');
  await expect(restore(path, first)).rejects.toThrow('is not empty: it contains notes.txt');
  expect(readdirSync(first)).toEqual(expect.arrayContaining(['postgres.restoring']));
  // A first start had been killed there, too.
  mkdirSync(join(last, 'postgres.unfinished'));
  await restore(path, last);
  expect(readdirSync(last)).toEqual(['postgres']);
  expect(existsSync(join(last, 'postgres/PG_VERSION'))).toBe(true);
});

it('a backup that keeps too much of the log fails, and lets it be recycled', async () => {
  const engine = await startEngine({
    folder: clusterIn(folder),
    onCrash: (reason) => {
      throw new Error(reason);
    },
  });
  cleanUps.push(() => engine.close());
  let logBytes = KEPT_LOG_BYTES_MAX - 1;
  const backups = createBaseBackups({
    engine,
    logBytes: () => logBytes,
    whenIdle: (work) => void work(),
  });
  const { port1, port2 } = new MessageChannel();
  backups.serve(port2);
  const channel = channelThrough(port1);
  expect(backups.mayRecycle()).toBe(true);
  expect(await channel.ask('begin')).toEqual({ kind: 'begun' });
  expect(backups.mayRecycle()).toBe(false);
  expect(await channel.ask('end')).toMatchObject({ kind: 'ended' });
  expect(await channel.ask('confirm')).toEqual({ kind: 'confirmed' });
  logBytes += 1;
  expect(backups.mayRecycle()).toBe(true);
  const tooMuch = { kind: 'failed', reason: expect.stringContaining('1 GB was written') };
  expect(await channel.ask('confirm')).toMatchObject(tooMuch);
  channel.release();
  logBytes = KEPT_LOG_BYTES_MAX - 1;
  await expect.poll(() => backups.mayRecycle()).toBe(true);

  const next = new MessageChannel();
  backups.serve(next.port2);
  const second = channelThrough(next.port1);
  expect(await second.ask('begin')).toEqual({ kind: 'begun' });
  logBytes = KEPT_LOG_BYTES_MAX;
  expect(backups.mayRecycle()).toBe(true);
  expect(await second.ask('end')).toMatchObject(tooMuch);
  second.release();
  logBytes = KEPT_LOG_BYTES_MAX - 1;
  await expect.poll(() => backups.mayRecycle()).toBe(true);
});

const move = ({ url }: TestDatabase) => runCommand('commands/move.ts', [url], { DATA_DIR: folder });

/** A target that refuses connections after the commit of a move, so that it cannot be audited. */
async function closedByTheCommit(): Promise<TestDatabase> {
  const target = await createEmptyDatabase();
  cleanUps.push(() => target.drop());
  await migrate({ address: { connectionString: target.url }, connectTimeoutMs: 10_000 });
  const hindrance = `CREATE FUNCTION hindrance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE pg_database SET datallowconn = false WHERE datname = current_database(); RETURN NEW; END $$;
    CREATE CONSTRAINT TRIGGER hindrance AFTER INSERT ON projects DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION hindrance()`;
  await withClient(target.url, (client) => client.query(hindrance));
  return target;
}

async function reopened({ url }: TestDatabase): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await withClient(inject('postgresUrl'), (client) =>
    client.query('UPDATE pg_database SET datallowconn = true WHERE datname = $1', [name]),
  );
}

it('a move that was killed before its commit is run again; it is over once the audit has ended', async () => {
  const target = await closedByTheCommit();
  writeMark(folder, 'MOVING', locationOf(target.url));
  const first = await move(target);
  await reopened(target);
  expect(first).toMatchObject({ code: 1 });
  expect(first.stdout).toMatch(/^[\d,]+ rows were moved from [^\n]*\n$/);
  expect(first.stderr).toContain('not currently accepting connections');
  expect(first.stderr).toContain('Everything was moved, but not audited to the end. Run the same');
  expect(readMark(folder)).toMatchObject({ state: 'COMMITTED' });
  expect(() => refuseMoved(folder)).toThrow('the audit there was not seen to end. Run the same');

  // A gateway has been started there in spite of that.
  await withClient(target.url, (client) => client.query("UPDATE customers SET name = 'x'"));
  const again = await move(target);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toMatch(/ has the rows of .* from an earlier move\..*\n15 balances checked/);
  expect(readMark(folder)).toMatchObject({ state: 'MOVED' });
});
