import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import {
  ABOUT,
  aboutSchema,
  FILES,
  type FileList,
  FORMAT,
  isOrdinary,
  JSON_BYTES_MAX,
  LIST,
  type ListedFile,
  listSchema,
} from './backup-format.js';
import { EmbeddedError } from './embedded-error.js';
import { type TarEntry, TarReader } from './tar.js';

/** Where the database's files go, relative to its folder. */
export interface Sink {
  folder(name: string): Promise<void>;
  file(name: string): Promise<SinkFile>;
}

export interface SinkFile {
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** By default, the backup is only checked. */
  readonly sink?: Sink;
  /** Is told how many bytes of the compressed file have been read. */
  readonly onRead?: (bytes: number) => void;
}

/** Reads a whole backup; returns its list, which the content equals. The message of an error is meant to be shown. */
export async function readBackup(path: string, options: ReadOptions = {}): Promise<FileList> {
  const compressed = createReadStream(path, { highWaterMark: 256 * 1024 });
  let bytes = 0;
  compressed.on('data', (chunk) => {
    bytes += chunk.length;
    options.onRead?.(bytes);
  });
  const gunzip = createGunzip();
  compressed.on('error', (error) => gunzip.destroy(error));
  try {
    return await listIn(new TarReader(compressed.pipe(gunzip)), options.sink ?? NOWHERE);
  } catch (error) {
    throw told(path, bytes === 0 && isOwn(error) ? new Error('it is empty') : error);
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}

const NOWHERE: Sink = {
  folder: () => Promise.resolve(),
  file: async () => ({ write: () => Promise.resolve(), close: () => Promise.resolve() }),
};

async function listIn(tar: TarReader, sink: Sink): Promise<FileList> {
  const read: ListedFile[] = [await about(tar)];
  for (let entry = await tar.next(); entry !== null; entry = await tar.next()) {
    if (entry.name === LIST) return checked(await parsed(tar, entry, listSchema), read, tar);
    const name = nameIn(entry);
    if (entry.isFolder) {
      if (name !== '') await sink.folder(name);
    } else {
      read.push(await unpack(tar, entry, await sink.file(name)));
    }
  }
  throw new Error('it has no list of its files');
}

/** Says whether it is a backup at all, and one that this release can read. */
async function about(tar: TarReader): Promise<ListedFile> {
  const entry = await tar.next().catch(foreignUnlessCut);
  if (entry?.name !== ABOUT) throw new EmbeddedError(FOREIGN);
  const content = await textOf(tar, entry);
  const result = aboutSchema.safeParse(JSON.parse(content));
  if (!result.success) throw new EmbeddedError(FOREIGN);
  if (result.data.format !== FORMAT) throw new EmbeddedError(NEWER);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name: entry.name, bytes: entry.bytes, sha256 };
}

/** A file that cannot be read, or was cut off before its first entry ends, does not say what it is. */
function foreignUnlessCut(error: unknown): null {
  if (!(error instanceof Error)) return null;
  if ('syscall' in error || ('code' in error && error.code === 'Z_BUF_ERROR')) throw error;
  return null;
}

const FOREIGN = 'is not a backup that `npm run backup` has made';
const NEWER = 'was made by a newer version of Tollgate: restore it with that version';

function nameIn({ name }: TarEntry): string {
  if (name === FILES) return '';
  if (!name.startsWith(`${FILES}/`) || !isOrdinary(name)) {
    throw new Error('it has a file that belongs to no database');
  }
  return name.slice(FILES.length + 1);
}

async function unpack(tar: TarReader, entry: TarEntry, file: SinkFile): Promise<ListedFile> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of tar.content()) {
      hash.update(chunk);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  return { name: entry.name, bytes: entry.bytes, sha256: hash.digest('hex') };
}

async function checked(
  list: FileList,
  read: readonly ListedFile[],
  tar: TarReader,
): Promise<FileList> {
  if ((await tar.next()) !== null) throw new Error('something follows its list of files');
  await tar.end();
  const differs = list.files.find((file, index) => {
    const other = read[index];
    return file.name !== other?.name || file.sha256 !== other.sha256;
  });
  if (differs !== undefined) throw new Error(`${differs.name} is not what was backed up`);
  if (list.files.length !== read.length) throw new Error('it has files that are not in its list');
  return list;
}

async function parsed<Schema extends z.ZodType>(
  tar: TarReader,
  entry: TarEntry,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return schema.parse(JSON.parse(await textOf(tar, entry)));
}

async function textOf(tar: TarReader, { bytes }: TarEntry): Promise<string> {
  if (bytes > JSON_BYTES_MAX) throw new Error('its list of files is too long');
  const parts: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of tar.content()) parts.push(decoder.decode(chunk, { stream: true }));
  return parts.join('');
}

const isOwn = (error: unknown): boolean => error instanceof EmbeddedError;

/** Errors of the disk that is written to are about another path, and are the caller's. */
function told(path: string, error: unknown): Error {
  if (error instanceof EmbeddedError) return new EmbeddedError(`${path} ${error.message}.`);
  if (error instanceof Error && 'path' in error && error.path !== path) return error;
  if (error instanceof Error && 'syscall' in error && !('path' in error)) return error;
  if (error instanceof Error && 'syscall' in error) {
    return new EmbeddedError(`${path} cannot be read: ${error.message}.`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new EmbeddedError(`${path} is damaged or not complete: ${reason}. Use another backup.`, {
    cause: error,
  });
}
