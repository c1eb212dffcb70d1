import { readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unwritable } from '../../platform/file-trouble.js';
import type { FileList } from './backup-format.js';
import { recover } from './cluster.js';
import { clusterIn } from './cluster-folder.js';
import { createFolder, FREE_BYTES_ENOUGH, freeBytes, megabytes, sync, syncTree } from './disk.js';
import { EmbeddedError, folderError } from './embedded-error.js';
import { lockFolder } from './folder-lock.js';
import { readBackup, type Sink } from './read-backup.js';

export interface RestoreOptions {
  readonly path: string;
  /** The data folder. */
  readonly folder: string;
  /** How many bytes of the compressed file have been read. */
  readonly onRead: (bytes: number) => void;
  readonly onFile: () => void;
  /** All of it has been unpacked, and PostgreSQL makes it consistent now. */
  readonly onUnpacked: () => void;
}

/**
 * Unpacks a backup into an empty data folder. The database appears under its name once it is complete and has been started. Throws
 * FolderInUseError if another process has the folder open; the messages of others are meant to be shown too.
 */
export async function restoreBackup(options: RestoreOptions): Promise<FileList> {
  const folder = resolve(options.folder);
  try {
    createFolder(folder);
  } catch (error) {
    throw folderError(folder, error);
  }
  const lock = await lockFolder({ folder });
  const cluster = clusterIn(folder);
  const unfinished = `${cluster}.unfinished`;
  try {
    refuseUnlessEmpty(folder);
    rmSync(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    const { path, onRead, onFile } = options;
    const list = await readBackup(path, { onRead, sink: into(unfinished, { folder, onFile }) });
    options.onUnpacked();
    await recover(unfinished);
    syncTree(unfinished);
    renameSync(unfinished, cluster);
    sync(folder);
    return list;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw told(folder, error);
  } finally {
    await lock.release();
  }
}

/** What a restore, a start or a mount may have left there. */
const IGNORED = new Set(['postgres.unfinished', 'control.token', 'lost+found']);

function refuseUnlessEmpty(folder: string): void {
  const found = readdirSync(folder).filter((name) => !IGNORED.has(name));
  if (found.length === 0) return;
  throw new EmbeddedError(
    `${folder} is not empty: it contains ${found.slice(0, 3).join(', ')}. Set DATA_DIR to another folder, or move what is there ` +
      'away; a restore replaces nothing.',
  );
}

const CHECK_BYTES = 32 * 2 ** 20;

interface Target {
  readonly folder: string;
  readonly onFile: () => void;
}

function into(unfinished: string, { folder, onFile }: Target): Sink {
  let unchecked = CHECK_BYTES;
  return {
    folder: async (name) => void (await mkdir(join(unfinished, name), { mode: 0o700 })),
    file: async (name) => {
      const file = await open(join(unfinished, name), 'wx', 0o600);
      onFile();
      return {
        write: async (chunk) => {
          unchecked += chunk.length;
          if (unchecked >= CHECK_BYTES) refuseFull(folder);
          if (unchecked >= CHECK_BYTES) unchecked = 0;
          await file.writeFile(chunk);
        },
        close: () => file.close(),
      };
    },
  };
}

function refuseFull(folder: string): void {
  const free = freeBytes(folder);
  if (free >= FREE_BYTES_ENOUGH) return;
  throw new EmbeddedError(
    `The restore was given up: only ${megabytes(free)} are free on the disk of ${folder}, and a gateway needs ` +
      `${megabytes(FREE_BYTES_ENOUGH)}. Set DATA_DIR to a folder on another disk.`,
  );
}

function told(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const at = 'path' in error ? String(error.path) : folder;
  const sentence = `The restore was given up, and nothing is left of it: ${unwritable(at, error)}`;
  return new EmbeddedError(sentence, { cause: error });
}
