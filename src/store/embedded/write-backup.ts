import { linkSync, lstatSync, renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { unwritable } from '../../platform/file-trouble.js';
import { BackupArchive, type Copied } from './backup-archive.js';
import type { BackupSource } from './backup-source.js';
import { FREE_BYTES_ENOUGH, freeBytes, megabytes, sync } from './disk.js';
import { EmbeddedError } from './embedded-error.js';
import { readBackup } from './read-backup.js';

export interface WriteBackupOptions {
  readonly source: BackupSource;
  readonly path: string;
  /** Whether a file of that name may be replaced. */
  readonly overwrite: boolean;
  readonly onCopied: (copied: Copied) => void;
  /** All of it is on disk, and is now read again. */
  readonly onWritten: () => void;
  readonly stop: AbortSignal;
  /** By default, what the file system says about the disk of a folder. */
  readonly freeBytesOf?: (folder: string) => number;
}

export interface WrittenBackup {
  readonly bytes: number;
  /** The moment to which it goes back. */
  readonly asOf: string;
}

/** Higher levels take several times as long to save a tenth more. */
const LEVEL = 1;

/**
 * Backs up to a file that appears under its name once it is complete, on disk and verified; only its owner may read it. The message of an
 * error is meant to be shown; an interruption rejects with the signal's reason.
 */
export async function writeBackup(options: WriteBackupOptions): Promise<WrittenBackup> {
  const { path, overwrite } = options;
  const unfinished = `${path}.unfinished`;
  removeSecondName(unfinished, path);
  refuseToOverwrite(path, overwrite);
  const file = await create(unfinished, path);
  try {
    const asOf = await fill(file, unfinished, options);
    options.onWritten();
    await readBackup(unfinished);
    options.stop.throwIfAborted();
    const { ino, size } = await file.stat({ bigint: true });
    if (statSync(unfinished, { bigint: true }).ino !== ino) throw new EmbeddedError(TWICE(path));
    give(unfinished, path, overwrite);
    return { bytes: Number(size), asOf };
  } catch (error) {
    throw told(path, error);
  } finally {
    await file.close();
    rmSync(unfinished, { force: true });
  }
}

/** Of a backup that was complete when its command was killed: only its other name had not been removed. */
function removeSecondName(unfinished: string, path: string): void {
  const found = foundAt(unfinished);
  if (found?.isFile() && found.ino === foundAt(path)?.ino) rmSync(unfinished, { force: true });
}

const TWICE = (path: string) => `Another command has written ${path} at the same time. Run one.`;

function refuseToOverwrite(path: string, overwrite: boolean): void {
  const found = foundAt(path);
  if (found?.isDirectory())
    throw new EmbeddedError(`${path} is a folder. Give the name of a file.`);
  if (found !== undefined && !overwrite) throw exists(path);
}

function foundAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw told(path, error);
  }
}

function exists(path: string): EmbeddedError {
  return new EmbeddedError(
    `${path} exists. Give another name, or add --overwrite to replace it once the new backup is complete.`,
  );
}

/** What a killed run has left is replaced, whatever its rights are. */
async function create(unfinished: string, path: string): Promise<FileHandle> {
  try {
    rmSync(unfinished, { force: true });
    return await open(unfinished, 'wx', 0o600);
  } catch (error) {
    throw told(path, error);
  }
}

async function fill(
  file: FileHandle,
  unfinished: string,
  { source, onCopied, stop, freeBytesOf = freeBytes }: WriteBackupOptions,
): Promise<string> {
  const archive = new BackupArchive({ place: source.place, backup: source.backup, onCopied });
  const stages = [
    createGzip({ level: LEVEL }),
    withRoom(dirname(unfinished), freeBytesOf),
  ] as const;
  const output = new Writable({
    write: (chunk: Uint8Array, _encoding, done) =>
      void file.writeFile(chunk).then(() => done(), done),
  });
  await pipeline(Readable.from(archive.chunks()), ...stages, output, { signal: stop });
  await file.sync();
  return archive.list.asOf;
}

const CHECK_BYTES = 8 * 2 ** 20;

/** Stops before the disk is full, which would make the gateway refuse writes if its data is on the same one. */
function withRoom(folder: string, freeBytesOf: (folder: string) => number): Transform {
  let unchecked = CHECK_BYTES;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      unchecked += chunk.length;
      if (unchecked < CHECK_BYTES) return done(null, chunk);
      unchecked = 0;
      const free = freeBytesOf(folder);
      if (free >= FREE_BYTES_ENOUGH) return done(null, chunk);
      const left = `only ${megabytes(free)} are free on the disk of ${folder}, and ${megabytes(FREE_BYTES_ENOUGH)} must stay free`;
      return done(new EmbeddedError(`The backup was given up: ${left}. Write it to another disk.`));
    },
  });
}

/** A link, unlike a rename, never replaces another file. */
function give(unfinished: string, path: string, overwrite: boolean): void {
  if (overwrite) renameSync(unfinished, path);
  else linkOrRename(unfinished, path);
  sync(dirname(path));
}

function linkOrRename(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(path);
    // Some file systems have no links.
    refuseToOverwrite(path, false);
    renameSync(unfinished, path);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function told(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new EmbeddedError(unwritable(path, error), { cause: error });
}
