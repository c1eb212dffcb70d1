/** Two engines on one folder would corrupt it, so it can be locked only once, by any of its names. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from '../../src/store/embedded/folder-lock.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-lock-'));
const folder = join(home, 'data');
mkdirSync(folder);
symlinkSync(folder, join(home, 'link'));
symlinkSync(home, join(home, 'around'));

afterAll(() => rmSync(home, { recursive: true, force: true }));

it.each([
  ['its path', folder],
  ['a symbolic link', join(home, 'link')],
  ['a path through a symbolic link', join(home, 'around', 'data')],
  ['a path with detours', join(home, 'data', '..', '.', 'data')],
])('a locked folder cannot be locked again through %s', async (_name, other) => {
  for (const [first, second] of [
    [folder, other],
    [other, folder],
  ] as const) {
    const lock = await lockFolder({ folder: first });
    await expect(lockFolder({ folder: second })).rejects.toThrow(FolderInUseError);
    await lock.release();
    await (await lockFolder({ folder: second })).release();
  }
});
