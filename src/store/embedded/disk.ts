import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Room for a checkpoint and for the log segments that a transaction in progress may still need. */
export const FREE_BYTES_MIN = 96 * 2 ** 20;

/** Above the minimum, so that writes are not alternately refused and accepted. */
export const FREE_BYTES_ENOUGH = 128 * 2 ** 20;

export const megabytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MB`;

/** Creates the folder and its parents so that they survive a power cut. */
export function createFolder(folder: string): void {
  const first = make(folder);
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) sync(dirname(made));
}

/**
 * Creates a folder and its parents; returns the first that had to be created. Node's `recursive` reports a
 * read-only disk as ENOENT, and does not return where the file system accepts no folders, as in /proc.
 */
function make(folder: string): string | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return undefined;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder) throw error;
    const first = make(parent);
    if (first === undefined) throw error;
    make(folder);
    return first;
  }
}

/** Flushes everything in a folder, and the folder itself, to disk. */
export function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else sync(path);
  }
  sync(folder);
}

/** A new name in a folder is on disk only once the folder is. */
export function sync(path: string): void {
  // Windows cannot fsync a folder, and its file systems journal names anyway.
  const flags = process.platform === 'win32' ? 'r+' : 'r';
  let file: number;
  try {
    file = openSync(path, flags);
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What a path leads to, under whatever name; null if it leads nowhere. */
export function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The size of PostgreSQL's log, whose segments have their full size from the start. */
export function logBytesIn(cluster: string): number {
  const segments = readdirSync(join(cluster, 'pg_wal')).filter((name) => SEGMENT.test(name));
  return segments.length * SEGMENT_BYTES;
}

/** A timeline, and the number of the segment in two parts. */
export const SEGMENT = /^[\dA-F]{24}$/;

const SEGMENT_BYTES = 16 * 2 ** 20;
