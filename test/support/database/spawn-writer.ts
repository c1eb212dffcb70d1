import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledFile } from '../compiled/compiled-file.js';

/** PGlite as shipped may never finish on a folder after a power cut. */
const MS_MAX = 300_000;

export interface Writer {
  /** The numbers of the rows whose commit was acknowledged, as received so far. */
  readonly acknowledged: readonly number[];
  readonly errors: () => string;
  /** The numbers of the rows that it found; rejects if it ends before. */
  readonly found: Promise<number[]>;
  /** Resolves once this many rows have been acknowledged. */
  reached(count: number): Promise<void>;
  /** kill -9; resolves once the process is gone and its output has been read. */
  kill(): Promise<void>;
  /** Resolves with the exit code of a writer that ends by itself. */
  ended(): Promise<number | null>;
}

/** Starts embedded-writer.ts in a process of its own. */
export function spawnWriter(options: { folder: string; kind?: 'durable' | 'as-shipped' }): Writer {
  const script = compiledFile('test/support/database/embedded-writer.ts');
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    [script, options.folder, options.kind ?? 'durable'],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: MS_MAX, killSignal: 'SIGKILL' },
  );
  if (!child.stdout || !child.stderr) throw new Error('the writer was spawned without pipes');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const closed = once(child, 'close');
  const acknowledged: number[] = [];
  const waiting = new Map<number, () => void>();
  const lines = createInterface({ input: child.stdout });
  const found = new Promise<number[]>((resolve, reject) => {
    lines.on('line', (line) => {
      const [first, ...numbers] = line.split(' ');
      if (first === 'ready') resolve(numbers.map(Number));
      else acknowledged.push(Number(first));
      waiting.get(acknowledged.length)?.();
    });
    closed.then(() => reject(new Error(`the writer ended: ${errors}`)), reject);
  });
  // A test that expects the writer to fail awaits its end instead.
  found.catch(() => undefined);
  return {
    acknowledged,
    errors: () => errors,
    found,
    reached: (count) =>
      acknowledged.length >= count
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            waiting.set(count, resolve);
            closed.then(() => reject(new Error(`the writer ended: ${errors}`)), reject);
          }),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
    ended: async () => {
      await closed;
      return child.exitCode;
    },
  };
}
