/** Where the lines come from: a file that can be read twice, or a stream. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { unreadable } from '../../platform/file-trouble.js';
import { CommandError } from '../run.js';

export interface Source {
  /** Null for a stream, whose end nothing tells. */
  readonly content: Content | null;
  /** To be read once. Ends early if the import is interrupted, even while nothing arrives. */
  chunks(stop: AbortSignal): AsyncIterable<Buffer>;
  /** Whether what has been read differs from what the file had at the start; what was appended is not a difference. */
  hasChanged(): boolean;
  close(): Promise<void>;
}

/** The first bytes of a file: all that it had when it was opened. */
export interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

/** A fraction of what a batch takes to commit: while a chunk is read, nothing else happens in the process. */
const CHUNK_BYTES = 64 * 1024;
const DIGEST_CHUNK_BYTES = 1024 * 1024;

/** `-` is standard input. */
export async function openSource(path: string): Promise<Source> {
  if (path === '-') return streamed(process.stdin);
  const file = await opened(path);
  if (!(await file.stat()).isFile()) {
    await file.close();
    throw new CommandError(`${path} is not a file. Standard input is -.`);
  }
  return filed(file, await contentOf(file, Number.POSITIVE_INFINITY));
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new CommandError(unreadable(path, error), { cause: error });
  }
}

function streamed(stream: NodeJS.ReadStream): Source {
  return {
    content: null,
    chunks: (stop) => untilStopped(stream, stop),
    hasChanged: () => false,
    close: async () => void stream.destroy(),
  };
}

async function* untilStopped(stream: NodeJS.ReadStream, stop: AbortSignal): AsyncGenerator<Buffer> {
  stop.addEventListener('abort', () => stream.destroy(), { once: true });
  try {
    for await (const chunk of stream) yield Buffer.from(chunk);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

function filed(file: FileHandle, content: Content): Source {
  const hash = createHash('sha256');
  let hashed = 0;
  let isWhole = false;
  async function* chunks(stop: AbortSignal): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(file, CHUNK_BYTES)) {
      if (stop.aborted) return;
      const counted = chunk.subarray(0, content.bytes - hashed);
      hash.update(counted);
      hashed += counted.length;
      yield chunk;
    }
    isWhole = true;
  }
  return {
    content,
    chunks,
    // Of an import that was interrupted, nothing is known.
    hasChanged: () => isWhole && (hashed < content.bytes || hash.digest('hex') !== content.sha256),
    close: () => file.close(),
  };
}

/** Of the first bytes of a file, or of all that there are if it has fewer. */
export async function contentOf(file: FileHandle, bytesMax: number): Promise<Content> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(file, DIGEST_CHUNK_BYTES)) {
    const counted = chunk.subarray(0, bytesMax - bytes);
    hash.update(counted);
    bytes += counted.length;
    if (bytes === bytesMax) break;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** From the beginning to where the file ends by then. Each chunk has memory of its own: lines keep parts of it. */
async function* chunksOf(file: FileHandle, bytesMax: number): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const buffer = Buffer.allocUnsafeSlow(bytesMax);
    const { bytesRead } = await file.read({ buffer, position: at });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
