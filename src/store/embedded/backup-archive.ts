/** The content of a backup file, before it is compressed. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { wallClockMs } from '../../platform/clock.js';
import { ABOUT, FILES, type FileList, FORMAT, LIST, type ListedFile } from './backup-format.js';
import type { BaseBackup } from './backup-port.js';
import { filesOf, firstSegmentOf, segmentsOf } from './cluster-files.js';
import { EmbeddedError } from './embedded-error.js';
import { END, headerOf, paddingOf } from './tar.js';

export interface Copied {
  readonly files: number;
  /** Of all files that are copied, before they are compressed. */
  readonly bytes: number;
}

export interface ArchiveOptions {
  /** Where the files of the database are. */
  readonly place: string;
  readonly backup: BaseBackup;
  readonly onCopied: (copied: Copied) => void;
}

const CHUNK_BYTES = 256 * 1024;

const LOG_GONE =
  'The database could not be backed up: its log was recycled meanwhile. Run the command again.';

/** The list of files is known once everything has been read. */
export class BackupArchive {
  readonly #options: ArchiveOptions;
  readonly #listed: ListedFile[] = [];
  #asOf = '';
  #bytes = 0;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  get list(): FileList {
    return { asOf: this.#asOf, files: this.#listed };
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const { place, backup } = this.#options;
    await backup.begin();
    yield* this.#text(ABOUT, json({ format: FORMAT, begunAt: now() }));
    yield this.#folder(FILES);
    const { folders, files } = filesOf(place);
    for (const name of folders) yield this.#folder(`${FILES}/${name}`);
    for (const name of files) yield* this.#file(name);
    const { label, lastSegment } = await backup.end();
    this.#asOf = now();
    yield* this.#text(`${FILES}/backup_label`, Buffer.from(label));
    for (const name of segmentsOf(place, firstSegmentOf(label), lastSegment)) {
      yield* this.#file(name, { mayBeGone: false });
    }
    await backup.confirm();
    backup.release();
    yield* this.#text(LIST, json(this.list), { isListed: false });
    yield END;
  }

  #folder(name: string): Buffer {
    return headerOf({ name, isFolder: true, bytes: 0 }, wallClockMs());
  }

  async *#text(
    name: string,
    content: Buffer,
    { isListed } = { isListed: true },
  ): AsyncGenerator<Buffer> {
    const bytes = content.length;
    yield headerOf({ name, isFolder: false, bytes }, wallClockMs());
    yield content;
    yield paddingOf(bytes);
    if (!isListed) return;
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.#listed.push({ name, bytes, sha256 });
  }

  /** As long as it is now: what is changed meanwhile, also its length, is in the log. */
  async *#file(name: string, { mayBeGone } = { mayBeGone: true }): AsyncGenerator<Buffer> {
    const file = await opened(join(this.#options.place, name));
    // Removed since the files were listed, as the log says; but nothing mends the log.
    if (file === null && mayBeGone) return;
    if (file === null) throw new EmbeddedError(LOG_GONE);
    try {
      const entry = { name: `${FILES}/${name}`, isFolder: false, bytes: (await file.stat()).size };
      yield headerOf(entry, wallClockMs());
      const hash = createHash('sha256');
      for await (const chunk of firstBytesOf(file, entry.bytes)) {
        hash.update(chunk);
        yield chunk;
        this.#count(chunk.length);
      }
      yield paddingOf(entry.bytes);
      this.#listed.push({ name: entry.name, bytes: entry.bytes, sha256: hash.digest('hex') });
    } finally {
      await file.close();
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#options.onCopied({ files: this.#listed.length, bytes: this.#bytes });
  }
}

async function opened(path: string): Promise<FileHandle | null> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** With zeros where the file has been cut off since. */
async function* firstBytesOf(file: FileHandle, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; ) {
    const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - at));
    const { bytesRead } = await file.read({ buffer, position: at });
    const chunk = bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    at += chunk.length;
    yield chunk;
  }
}

function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function now(): string {
  return new Date(wallClockMs()).toISOString();
}
