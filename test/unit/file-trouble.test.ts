/** A user who gives a path that cannot be used is told what is in the way, and what to do. */
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unreadable, unwritable } from '../../src/platform/file-trouble.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-paths-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'there'));
writeFileSync(join(folder, 'file'), '');

const at = (name: string) => join(folder, name);

function errorOf(path: string, flags: 'r' | 'wx'): unknown {
  try {
    return openSync(path, flags);
  } catch (error) {
    return error;
  }
}

it.each([
  ['none/x', `the folder ${at('none')} does not exist. Create it, or give another path.`],
  ['there/none/more/x', `the folder ${at('there/none')} does not exist. Create it,`],
  ['file/x', `${at('file')} is a file, not a folder. Give another path.`],
  ['file/x/y', `${at('file')} is a file, not a folder. Give another path.`],
  ['x'.repeat(300), 'its name is too long. Give another one.'],
])('writing %s', (name, said) => {
  const message = unwritable(at(name), errorOf(at(name), 'wx'));
  expect(message).toContain(`${at(name)} cannot be written: ${said}`);
});

it.each([
  ['none/x', `the folder ${at('none')} does not exist.`],
  ['there/x', 'it does not exist. Give the path of one that does.'],
  ['file/x', `${at('file')} is a file, not a folder.`],
])('reading %s', (name, said) => {
  const message = unreadable(at(name), errorOf(at(name), 'r'));
  expect(message).toContain(`${at(name)} cannot be read: ${said}`);
});

/** Those for which a file system would have to be prepared, or another user. */
it.each([
  ['EACCES', `this user may not write to the folder ${folder}. Change its rights,`],
  ['EROFS', 'its disk is read-only.'],
  ['ENOSPC', 'its disk is full. Free some of it,'],
  ['EISDIR', 'it is a folder. Give the name of a file.'],
  ['EIO', 'EIO: as the system says it.'],
])('an error %s', (code, said) => {
  const error = Object.assign(new Error(`${code}: as the system says it`), { code });
  expect(unwritable(at('x'), error)).toContain(`${at('x')} cannot be written: ${said}`);
});

it('reading without the right to', () => {
  const error = Object.assign(new Error('x'), { code: 'EACCES' });
  expect(unreadable(at('x'), error)).toContain('this user may not read');
});
