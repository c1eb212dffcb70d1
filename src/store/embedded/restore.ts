import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { unwritable } from '../../platform/file-trouble.js';
import type { FileList } from './backup-format.js';
import { recover } from './cluster.js';
import { clusterIn, restoringIn } from './cluster-folder.js';
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
 * Unpacks a backup into an empty data folder. The database appears under its name once it is complete and has been started; until
 * then, and if the process is killed, the name of the folder that is being filled keeps gateways from creating an empty one. Throws
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
  try {
    refuseUnlessEmpty(folder);
    return await fill(folder, options);
  } catch (error) {
    throw told(folder, error);
  } finally {
    await lock.release();
  }
}

async function fill(folder: string, options: RestoreOptions): Promise<FileList> {
  const { path, onRead, onFile, onUnpacked } = options;
  const cluster = clusterIn(folder);
  const restoring = restoringIn(folder);
  try {
    prepare(restoring);
    const list = await readBackup(path, { onRead, sink: into(restoring, { folder, onFile }) });
    onUnpacked();
    await recover(restoring);
    syncTree(restoring);
    // Of a first start that was killed: no other will come and remove it.
    rmSync(`${cluster}.unfinished`, { recursive: true, force: true });
    renameSync(restoring, cluster);
    sync(folder);
    return list;
  } catch (error) {
    rmSync(restoring, { recursive: true, force: true });
    throw error;
  }
}

/** What a restore, a start or a mount may have left there. */
const IGNORED = new Set([
  'postgres.restoring',
  'postgres.unfinished',
  'control.token',
  'lost+found',
]);

/** Empty, whatever an earlier restore has left in it, and there at any moment, also after a power cut. */
function prepare(restoring: string): void {
  mkdirSync(restoring, { recursive: true, mode: 0o700 });
  sync(dirname(restoring));
  for (const name of readdirSync(restoring)) {
    rmSync(join(restoring, name), { recursive: true, force: true });
  }
}

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

function into(restoring: string, { folder, onFile }: Target): Sink {
  let unchecked = CHECK_BYTES;
  return {
    folder: async (name) => void (await mkdir(join(restoring, name), { mode: 0o700 })),
    file: async (name) => {
      const file = await open(join(restoring, name), 'wx', 0o600);
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
