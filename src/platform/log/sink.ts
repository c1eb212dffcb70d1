/** How text gets out of the process without blocking it. */
import { fstatSync, write, writeSync } from 'node:fs';

export type Written = (error?: Error | null) => void;

export interface Sink {
  /** Writes all of the text, and calls back then. Called only once the last call has been completed. */
  write(text: string, done: Written): void;
  /** Whether the last text may not have been written. */
  isPending(): boolean;
  /** Writes at the end of the process, when nothing can be awaited any more. */
  writeNow(text: string): void;
}

const STDERR = 2;

/** What is left at the end of the process is tried so often, for two tenths of a second in all. */
const LAST_TRIES = 20;
const LAST_PAUSE_MS = 10;

/**
 * To stderr. Node.js never blocks on a pipe or a socket, whose reader may stop; files have no reader, and are written off the main
 * thread, as a disk may be slow.
 */
export function stderrSink(): Sink {
  return isStream() ? new StreamSink(process.stderr) : new FileSink(STDERR);
}

function isStream(): boolean {
  try {
    const stats = fstatSync(STDERR);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

export class StreamSink implements Sink {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    // Where no one reads any more, lines are lost, and calls go on.
    stream.on('error', ignore);
  }

  write(text: string, done: Written): void {
    this.#stream.write(text, done);
  }

  isPending(): boolean {
    return this.#stream.writableLength > 0;
  }

  writeNow(text: string): void {
    writeLast(STDERR, text);
  }
}

export class FileSink implements Sink {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string, done: Written): void {
    this.#write(Buffer.from(text), done);
  }

  /** What another thread is writing is written before the process ends. */
  isPending(): boolean {
    return false;
  }

  writeNow(text: string): void {
    writeLast(this.#fd, text);
  }

  #write(bytes: Buffer, done: Written): void {
    write(this.#fd, bytes, (error, written) => {
      if (error === null && written < bytes.length) this.#write(bytes.subarray(written), done);
      else done(error);
    });
  }
}

function writeLast(fd: number, text: string): void {
  let bytes = Buffer.from(text);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; bytes.length > 0 && tries < LAST_TRIES; ) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes, 0, Math.min(bytes.length, PIPE_BUF)));
    } catch (error) {
      if (!isFull(error)) return;
      tries += 1;
      Atomics.wait(cell, 0, 0, LAST_PAUSE_MS);
    }
  }
}

/** The number of bytes that Linux writes to a pipe atomically, so that lines of different processes never mix. */
export const PIPE_BUF = 4_096;

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function ignore(): void {
  return;
}
