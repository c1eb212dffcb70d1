import { inspect } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { DurableFiles } from './durable-files.js';

/**
 * PGlite's own parameters without `-F`, which turns fsync off, and with everything that
 * durability depends on spelled out. `fdatasync` does nothing in WebAssembly, hence the method.
 */
const START_PARAMS = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...['-c', 'fsync=on'],
  ...['-c', 'wal_sync_method=fsync'],
  ...['-c', 'full_page_writes=on'],
  ...['-c', 'synchronous_commit=on'],
  ...['-c', 'min_wal_size=32MB'],
  ...['-c', 'max_wal_size=64MB'],
];

/** The exit status by which PGlite's loop distinguishes an ordinary SQL error from a crash. */
const SQL_ERROR_STATUS = 100;

export interface EngineOptions {
  folder: string;
  /** An initial database, as PGlite dumps it; without it, PGlite runs initdb. */
  template?: Blob;
  /** PostgreSQL panicked or WebAssembly trapped: the state of its memory is unknown now. */
  onCrash: (reason: string) => never;
}

export interface Engine {
  readonly pg: PGlite;
  readonly files: DurableFiles;
  /** Runs complete messages of the wire protocol; what they commit is on disk on return. */
  answer(messages: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export async function startEngine({ folder, template, onCrash }: EngineOptions): Promise<Engine> {
  const files = new DurableFiles(folder);
  let lastWords: string | undefined;
  const listen = (line: string) => {
    if (/\b(FATAL|PANIC):/.test(line)) lastWords = line.replace(/^.*\b(?=FATAL|PANIC)/, '');
    return false;
  };
  const pg = await PGlite.create({
    fs: files,
    startParams: START_PARAMS,
    onStderr: listen,
    onStdout: listen,
    ...(template && { loadDataDir: template }),
  }).catch((error) => {
    throw new Error(lastWords ?? reasonOf(error), { cause: error });
  });
  const crash = (error: unknown) => onCrash(lastWords ?? reasonOf(error));
  guardLoop(pg, crash);
  return {
    pg,
    files,
    answer: async (messages) => {
      const parts: Uint8Array[] = [];
      const onRawData = (part: Uint8Array) => parts.push(part.slice());
      // SQL errors are part of the answer; anything thrown is a crash.
      await pg.execProtocolRawStream(messages, { syncToFs: false, onRawData }).catch(crash);
      return join(parts);
    },
    close: () => pg.close(),
  };
}

/**
 * PGlite swallows whatever escapes from PostgreSQL's loop and calls it again, so after a crash it
 * would answer nothing, or spin forever, on memory in an unknown state.
 */
function guardLoop(pg: PGlite, onCrash: (error: unknown) => never): void {
  const module: { _PostgresMainLoopOnce: () => void } = pg.Module;
  const loopOnce = module._PostgresMainLoopOnce;
  module._PostgresMainLoopOnce = () => {
    try {
      loopOnce();
    } catch (error) {
      const ordinary =
        error instanceof Object && 'status' in error && error.status === SQL_ERROR_STATUS;
      if (!ordinary) onCrash(error);
      throw error;
    }
  };
}

/** On one line. Emscripten throws values that are not errors, such as the exit status of a backend that ended. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Object)) return inspect(error);
  if ('message' in error) return String(error.message).split('\n')[0] ?? '';
  if ('errno' in error) return `a file could not be used (errno ${error.errno})`;
  return inspect(error, { breakLength: Number.POSITIVE_INFINITY });
}

/** Copies into a separate buffer, which can be transferred; a small Buffer shares one with others. */
function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
