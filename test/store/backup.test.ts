/** `npm run backup` and `npm run restore`: what was acknowledged before is there, consistent, and goes on. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BackupSource, openBackupSource } from '../../src/store/embedded/backup-source.js';
import { FREE_BYTES_ENOUGH } from '../../src/store/embedded/disk.js';
import { lockFolder, reachHolder } from '../../src/store/embedded/folder-lock.js';
import { writeBackup } from '../../src/store/embedded/write-backup.js';
import { type Client, createClient } from '../support/client/client.js';
import { track, wasTracked } from '../support/client/operations.js';
import {
  damagesIn,
  type EmbeddedGateway,
  restore,
  startOn,
} from '../support/database/embedded-backup.js';
import { runCommand } from '../support/gateway/command.js';
import { prepareLoad, startLoad } from '../support/load/load.js';
import { seedOf } from '../support/random/random.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-backup-'));
const folder = join(home, 'data');
const path = join(home, 'backup.tar.gz');
const cleanUps: (() => Promise<unknown>)[] = [];
let names = 0;

let running: EmbeddedGateway;
let client: Client;

const newFolder = () => {
  names += 1;
  return join(home, `restored-${names}`);
};

async function source(): Promise<BackupSource> {
  const found = await openBackupSource(folder);
  cleanUps.push(() => found.close());
  return found;
}

const quiet = { overwrite: false, onCopied: () => undefined, onWritten: () => undefined };
const never = new AbortController().signal;

beforeAll(async () => {
  running = await startOn(folder);
  client = createClient(running.gateway.origin, running.gateway.secret);
  await prepareLoad(client);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  await running.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a backup taken under load', () => {
  it('has all that was acknowledged before, is consistent, replays retries and goes on', async () => {
    const load = startLoad({ seed: seedOf('backup'), client: () => client });
    await load.more(60);
    const before = [...load.acknowledged];
    const copied: number[] = [];
    const written = await writeBackup({
      ...quiet,
      source: await source(),
      path,
      // Usage goes on while files are copied.
      onCopied: ({ files }) => void (files % 200 === 0 && copied.push(load.acknowledged.length)),
      stop: never,
    });
    expect(copied.at(-1)).toBeGreaterThan(before.length);
    expect(statSync(path)).toMatchObject({ size: written.bytes, mode: 0o100600 });
    await load.more(20);
    await load.finish();
    expect(load.unexpected).toEqual([]);
    const lost = { featureId: 'messages', value: 1, idempotencyKey: 'after the backup' };
    await track(client, 'ada', lost);

    const restored = newFolder();
    expect(await restore(path, restored)).toMatchObject({ asOf: written.asOf });
    const other = await startOn(restored);
    cleanUps.push(() => other.close());
    const second = other.gateway;
    expect(await damagesIn(second)).toEqual([]);
    // The key is in the database, so it works for the restored one too.
    const again = createClient(second.origin, running.gateway.secret);
    for (const { customerId, key, what, value } of before) {
      const answer = await track(again, customerId, { ...what, value, idempotencyKey: key });
      expect(answer).toMatchObject({ replayed: true });
    }
    for (const replayed of [false, true]) {
      expect(await track(again, 'ada', lost)).toMatchObject({ replayed });
    }
    const next = await track(again, 'ada', { featureId: 'messages', value: 1 });
    expect(wasTracked(next)).toBe(true);
    expect(await damagesIn(second)).toEqual([]);
  });

  it('is the only one at a time, and its end makes room for the next', async () => {
    const [first, second] = [await source(), await source()];
    await first.backup.begin();
    await expect(second.backup.begin()).rejects.toThrow('another backup is in progress');
    await expect(second.backup.end()).rejects.toThrow('it has not been begun');
    await first.close();
    await expect.poll(() => second.backup.begin().then(() => 'begun', String)).toBe('begun');
    await expect(second.backup.confirm()).rejects.toThrow('it has not been ended');
    const { label, lastSegment } = await second.backup.end();
    expect(label).toContain('LABEL: tollgate');
    expect(lastSegment).toMatch(/^[\dA-F]{24}$/);
    await second.backup.confirm();
    await second.close();
    await expect(second.backup.confirm()).rejects.toThrow(
      'stopped meanwhile; run the command again',
    );
  });

  it('leaves no file and no backup in progress when it is interrupted', async () => {
    const stopping = new AbortController();
    const interrupted = writeBackup({
      ...quiet,
      source: await source(),
      path: join(home, 'interrupted.tar.gz'),
      onCopied: ({ files }) => files === 100 && stopping.abort(),
      stop: stopping.signal,
    });
    await expect(interrupted).rejects.toThrow(/abort/i);
    expect(readdirSync(home).filter((name) => name.startsWith('interrupted'))).toEqual([]);
    await cleanUps.pop()?.();
    const next = await source();
    await expect.poll(() => next.backup.begin().then(() => 'begun', String)).toBe('begun');
  });

  it('stops before the disk is full', async () => {
    const written = writeBackup({
      ...quiet,
      source: await source(),
      path: join(home, 'too-large.tar.gz'),
      stop: never,
      freeBytesOf: () => FREE_BYTES_ENOUGH - 1,
    });
    await expect(written).rejects.toThrow(/The backup was given up: only 127 MB are free on the/);
    expect(readdirSync(home).filter((name) => name.startsWith('too-large'))).toEqual([]);
  });

  it('is refused to a process that cannot read the data folder', async () => {
    for (const line of ['', '{}', '{"proof":"AAAA"}', 'x'.repeat(10_000), '"begin"']) {
      const socket = await reachHolder(folder);
      socket?.write(`${line}\n"begin"\n`);
      let answer = '';
      socket?.on('data', (data) => {
        answer += data;
      });
      socket?.on('error', () => undefined);
      await new Promise((resolve) => socket?.on('close', resolve));
      expect(answer).toBe('');
    }
    expect(statSync(join(folder, 'control.token')).mode & 0o777).toBe(0o600);
  });
});

it.each<[string, (socket: Socket) => void]>([
  ['of an earlier release', (socket) => socket.destroy()],
  ['without the token', (socket) => socket.resume().write('{"proof":"AA"}\n{"kind":"begun"}\n')],
])('nothing is believed of a process %s', async (_what, onConnection) => {
  const locked = newFolder();
  mkdirSync(join(locked, 'postgres'), { recursive: true });
  writeFileSync(join(locked, 'control.token'), 'token');
  const lock = await lockFolder({ folder: locked, onConnection });
  cleanUps.push(() => lock.release());
  await expect(openBackupSource(locked)).rejects.toThrow('does not let this one back it up');
});

describe('a restore', () => {
  const damaged = (change: (bytes: Buffer) => Buffer) => {
    const file = join(home, `damaged-${names}.tar.gz`);
    writeFileSync(file, change(readFileSync(path)));
    return file;
  };
  const unpacked = (change: (bytes: Buffer) => void) => (bytes: Buffer) => {
    const tar = gunzipSync(bytes);
    change(tar);
    return gzipSync(tar, { level: 1 });
  };
  const replacing = (text: string, by: string) => (tar: Buffer) => {
    tar.write(by, tar.indexOf(text), 'utf8');
  };

  it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ['that was cut off', (bytes) => bytes.subarray(0, bytes.length / 2), /is damaged or not comp/],
    ['without its last bytes', (bytes) => bytes.subarray(0, -20), /is damaged or not complete/],
    ['of which a byte has changed', unpacked((tar) => tar.write('?', tar.length >> 1)), /damaged/],
    ['with a changed header', unpacked(replacing('postgres/global/', 'postgres/GL')), /damaged/],
    ['that is empty', () => Buffer.alloc(0), /cannot be read|is not a backup|is damaged/],
    ['that is something else', () => gzipSync('hello'), /is not a backup that `npm run backup`/],
    ['of a newer format', unpacked(replacing('"format":1', '"format":2')), /newer version/],
  ])('refuses a file %s, and leaves nothing', async (_what, change, message) => {
    const into = newFolder();
    const file = damaged(change);
    await expect(restore(file, into)).rejects.toThrow(message);
    expect(readdirSync(into)).toEqual([]);
  });

  it('replaces nothing', async () => {
    const into = newFolder();
    mkdirSync(into);
    writeFileSync(join(into, 'notes.txt'), '');
    await expect(restore(path, into)).rejects.toThrow('is not empty: it contains notes.txt');
    await expect(restore(path, folder)).rejects.toThrow(/in use by another Tollgate process/);
    expect(readdirSync(into)).toEqual(['notes.txt']);
  });
});

describe('the commands', () => {
  const backup = (args: readonly string[], settings: Record<string, string>) =>
    runCommand('commands/backup.ts', args, settings);

  it('back up a database that nothing uses, verify it, and replace a file only if told to', async () => {
    const stopped = newFolder();
    await restore(path, stopped);
    const file = join(home, 'stopped.tar.gz');
    const first = await backup([file], { DATA_DIR: stopped });
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/stopped\.tar\.gz is a verified backup of the database in /);
    expect(readdirSync(stopped)).toEqual(['postgres']);
    const { ino } = statSync(file);
    const second = await backup([file], { DATA_DIR: stopped });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain('stopped.tar.gz exists. Give another name, or add --overwrite');
    expect(statSync(file).ino).toBe(ino);
    expect(await backup([file, '--overwrite'], { DATA_DIR: stopped })).toMatchObject({ code: 0 });
    expect(statSync(file).ino).not.toBe(ino);

    const into = newFolder();
    const restored = await runCommand('commands/restore.ts', [file], { DATA_DIR: into });
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stdout).toContain('Next: npm run audit, then npm start.');
    expect(existsSync(join(into, 'postgres/PG_VERSION'))).toBe(true);
  });

  it.each<[string, readonly string[], Record<string, string>, string]>([
    ['without a file', [], {}, 'Usage:'],
    ['of no database', ['a.gz'], { DATA_DIR: join(home, 'none') }, 'There is no database in'],
    [
      'of a server',
      ['a.gz'],
      { DATABASE_URL: 'postgresql://h/d' },
      'DATABASE_URL is set, and this',
    ],
    ['to a folder', [home], { DATA_DIR: folder }, 'is a folder. Give the name of a file.'],
    ['to nowhere', ['/none/a.gz'], { DATA_DIR: folder }, 'written: the folder /none does not'],
  ])('say what is wrong: a backup %s', async (_what, args, settings, said) => {
    const ended = await backup(args, settings);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(said);
  });
});
