import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../platform/logger.js';
import { messageOf } from '../store/failure.js';

/** Some systems allow 103 bytes for the path of a socket, of which its name takes up to 16. */
const FOLDER_CHARS_MAX = 80;

/**
 * A new folder in which workers listen for each other, and which only the user that runs them can open. Null if there cannot be one: they
 * then decide for themselves.
 */
export function folderOfWorkers(logger: Logger): string | null {
  // Sockets are no files there.
  if (process.platform === 'win32') return null;
  try {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
    process.on('exit', () => remove(folder));
    if (folder.length > FOLDER_CHARS_MAX) throw new Error(`the path ${folder} is too long`);
    return folder;
  } catch (error) {
    tellWithout(logger, error);
    return null;
  }
}

/** Once for the folder, or for each worker that cannot listen in it. */
export function tellWithout(logger: Logger, error: unknown): void {
  const reason = error instanceof Error ? messageOf(error) : 'unknown';
  logger.warn({ reason }, 'Workers cannot send each other calls: each decides its own.');
}

/** For a worker: its primary process removes the folder, unless it was killed, which ends its workers too. */
export function removeIfOrphaned(folder: string): void {
  process.on('exit', () => {
    if (!process.connected) remove(folder);
  });
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
