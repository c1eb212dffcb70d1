/** Sweeps without waiting: rests are only noted. */
import { startSweeper } from '../../../src/commands/sweep/sweeper.js';
import type { WriteQueue } from '../../../src/meter/write/write-queue.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import type { OpenStore } from '../../../src/store/store.js';
import type { Sweeps } from '../../../src/store/sweeps.js';
import { WRITE_QUEUE } from '../gateway/limits.js';

/** The pause after a sweep. */
const IDLE_MS = 60_000;

export interface SweepOptions extends Partial<SweepParts> {
  readonly store: OpenStore;
}

interface SweepParts {
  /** One of its own by default, like that of another gateway. */
  readonly writeQueue: Pick<WriteQueue, 'submit'>;
  readonly lanes: number;
  readonly monotonicMs: () => number;
  /** How many, one after the other. */
  readonly sweeps: number;
  /** Called at every rest, which lasts as long as this does. */
  readonly onRest: (ms: number) => unknown;
}

export interface Sweeping {
  /** What was logged of each sweep that did anything. */
  readonly lines: readonly Record<string, unknown>[];
  readonly warnings: readonly Record<string, unknown>[];
  readonly restsMs: readonly number[];
}

/** Resolves once so many sweeps are over, and the sweeper has been stopped. */
export function sweep({ store, lanes = 2, ...options }: SweepOptions): Promise<Sweeping> {
  const writeQueue = createWriteQueue({ ...WRITE_QUEUE, store, lanes });
  return sweepOn(store.sweeps, { writeQueue, lanes, ...options });
}

/** The same on parts that a test controls. */
export async function sweepOn(
  sweepsOf: Sweeps,
  options: Partial<SweepParts> & Pick<SweepParts, 'writeQueue'>,
): Promise<Sweeping> {
  const { writeQueue, lanes = 2, sweeps = 1, onRest = () => undefined } = options;
  const lines: Record<string, unknown>[] = [];
  const warnings: Record<string, unknown>[] = [];
  const restsMs: number[] = [];
  let over = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sweeper = startSweeper({
    sweeps: sweepsOf,
    writeQueue,
    lanes,
    logger: {
      info: (facts: unknown, message?: string) => void lines.push(asFacts(facts, message)),
      warn: (facts: unknown, message?: string) => void warnings.push(asFacts(facts, message)),
    },
    monotonicMs: options.monotonicMs ?? monotonicMs,
    pause: async (ms, signal) => {
      if (ms !== IDLE_MS) {
        restsMs.push(ms);
        return onRest(ms);
      }
      over += 1;
      if (over < sweeps) return undefined;
      finish();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  await finished;
  await sweeper.stop();
  return { lines, warnings, restsMs };
}

function asFacts(facts: unknown, message: string | undefined): Record<string, unknown> {
  return { ...(facts instanceof Object && facts), message };
}
