/** Two engines on one folder would corrupt it, so it can be locked only once, by any of its names. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from '../../src/store/embedded/folder-lock.js';
import { bindMount } from '../support/postgres/bind-mount.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-lock-'));
const folder = join(home, 'data');
const mounted = join(home, 'mounted');
mkdirSync(folder);
symlinkSync(folder, join(home, 'link'));
symlinkSync(home, join(home, 'around'));
const mount = bindMount(folder, mounted);

afterAll(() => {
  mount?.remove();
  rmSync(home, { recursive: true, force: true });
});

function leadsTo(number: string, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${number}`) === path;
  } catch {
    // Closed since.
    return false;
  }
}

const isInUse = (path: string) =>
  expect(lockFolder({ folder: path })).rejects.toThrow(FolderInUseError);

it.each<readonly [string, string]>([
  ['its path', folder],
  ['a symbolic link', join(home, 'link')],
  ['a path through a symbolic link', join(home, 'around', 'data')],
  ['a path with detours', join(home, 'data', '..', '.', 'data')],
  ...(mount === null ? [] : [['a bind mount', mounted] as const]),
])('a locked folder cannot be locked again through %s', async (_name, other) => {
  for (const [first, second] of [
    [folder, other],
    [other, folder],
  ] as const) {
    const lock = await lockFolder({ folder: first });
    await isInUse(second);
    await lock.release();
    await (await lockFolder({ folder: second })).release();
  }
});

it('a locked folder that is renamed cannot be locked again, and neither can one in its place', async () => {
  const [before, after] = [join(home, 'before'), join(home, 'after')];
  mkdirSync(before);
  const lock = await lockFolder({ folder: before });
  renameSync(before, after);
  await isInUse(after);
  mkdirSync(before);
  await isInUse(before);
  await lock.release();
  for (const path of [before, after]) await (await lockFolder({ folder: path })).release();
});

it('a refused lock leaves nothing locked', async () => {
  const [first, second] = [join(home, 'first'), join(home, 'second')];
  mkdirSync(first);
  const lock = await lockFolder({ folder: first });
  renameSync(first, second);
  await isInUse(second);
  renameSync(second, join(home, 'third'));
  mkdirSync(second);
  await (await lockFolder({ folder: second })).release();
  await lock.release();
});

it('a folder that is made after a locked one was removed is another one', async () => {
  const gone = join(home, 'gone');
  mkdirSync(gone);
  const lock = await lockFolder({ folder: gone });
  rmdirSync(gone);
  // File systems like to use the number of a removed folder for the next one.
  for (const number of Array(20).keys()) {
    const next = join(home, `next-${number}`);
    mkdirSync(next);
    await (await lockFolder({ folder: next })).release();
  }
  await lock.release();
});

it.runIf(process.platform === 'linux')(
  'a lock that is released or refused leaves no folder open',
  async () => {
    const path = realpathSync(folder);
    const timesOpen = () =>
      readdirSync('/proc/self/fd').filter((number) => leadsTo(number, path)).length;
    const lock = await lockFolder({ folder });
    for (let time = 0; time < 10; time += 1) await isInUse(folder);
    expect(timesOpen()).toBe(1);
    await lock.release();
    expect(timesOpen()).toBe(0);
  },
);

it.runIf(process.platform === 'linux')(
  'a folder that an earlier release has locked, by its path, cannot be locked',
  async () => {
    const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
    const earlier = createServer().listen({ path: `\0tollgate-${name}`, exclusive: true });
    await once(earlier, 'listening');
    await isInUse(folder);
    earlier.close();
    await once(earlier, 'close');
    await (await lockFolder({ folder })).release();
  },
);
