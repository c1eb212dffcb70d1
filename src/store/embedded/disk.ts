import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Room for a checkpoint and for the log segments that a transaction in progress may still need. */
export const FREE_BYTES_MIN = 96 * 2 ** 20;

/** Above the minimum, so that writes are not alternately refused and accepted. */
export const FREE_BYTES_ENOUGH = 128 * 2 ** 20;

export const megabytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MB`;

/** Creates the folder and its parents so that they survive a power cut. */
export function createFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) sync(dirname(made));
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

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
