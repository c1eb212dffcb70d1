/** What the file system says about a path that was given, in a sentence that names what is in the way. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Why a file cannot be written, and what to do. */
export function unwritable(path: string, cause: unknown): string {
  return `${path} cannot be written: ${reasonOf(path, cause, 'write to')}`;
}

/** Why a file cannot be read, and what to do. */
export function unreadable(path: string, cause: unknown): string {
  return `${path} cannot be read: ${reasonOf(path, cause, 'read')}`;
}

type Use = 'write to' | 'read';

function reasonOf(path: string, cause: unknown, use: Use): string {
  const sentence = SENTENCES.get(codeOf(cause))?.(path, use);
  return sentence ?? `${cause instanceof Error ? cause.message : String(cause)}.`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

const notPermitted = (path: string, use: Use) => {
  const what =
    use === 'read' ? `${path} or the folder that it is in` : `the folder ${folderOf(path)}`;
  return `this user may not ${use} ${what}. Change its rights, or give another path.`;
};

const isFolder = () => 'it is a folder. Give the name of a file.';

const SENTENCES: ReadonlyMap<string, (path: string, use: Use) => string> = new Map([
  ['ENOENT', missing],
  ['ENOTDIR', (path) => `${lastFound(path).found} is a file, not a folder. Give another path.`],
  ['EACCES', notPermitted],
  ['EPERM', notPermitted],
  ['EISDIR', isFolder],
  ['ERR_FS_EISDIR', isFolder],
  ['EROFS', () => 'its disk is read-only. Give a path on another one.'],
  ['ENOSPC', () => 'its disk is full. Free some of it, or give a path on another one.'],
  ['EDQUOT', () => "this user's share of its disk is used up. Give a path on another one."],
  ['ENAMETOOLONG', () => 'its name is too long. Give another one.'],
  ['ELOOP', () => 'a symbolic link refers to itself. Give another path.'],
]);

function missing(path: string, use: Use): string {
  const { next } = lastFound(path);
  if (next !== resolve(path)) {
    return `the folder ${next} does not exist. Create it, or give another path.`;
  }
  return use === 'read'
    ? 'it does not exist. Give the path of one that does.'
    : 'its folder was removed meanwhile. Give another path.';
}

function folderOf(path: string): string {
  return dirname(resolve(path));
}

/** The last part of a path that exists, and the path with one part more. */
function lastFound(path: string): { readonly found: string; readonly next: string } {
  let next = resolve(path);
  for (let found = dirname(next); ; found = dirname(next)) {
    if (exists(found) || found === next) return { found, next };
    next = found;
  }
}

/** False too for what is below a file, and for what this user may not see. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
