import { setTimeout as wait } from 'node:timers/promises';
import { type Pruned, PruneFigures } from '../metrics/upkeep-figures.js';
import { wallClockMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { Prune } from '../store/prune.js';
import type { PruneOptions } from '../store/prune-before.js';

const DAY_MS = 86_400_000;

/** A pause between batches, so that calls never wait for more than one of them. */
const PAUSE_MS = 100;

export interface PruneDailyOptions {
  readonly prune: Prune;
  /** How old idempotency keys become; null for never. */
  readonly days: number | null;
  /** The same for properties of events and of reservations. */
  readonly propertiesDays: number | null;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Where it is counted what it does. */
  readonly figures?: PruneFigures;
  /** Rejects once the signal is aborted; replaced by tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Deletes what has become too old now and once a day, until it is stopped. Failures wait for the next day. */
export function pruneDaily({
  prune,
  days,
  propertiesDays,
  logger,
  figures = new PruneFigures(),
  pause = pauseFor,
}: PruneDailyOptions): {
  stop(): Promise<void>;
} {
  const ending = new AbortController();
  const once = async (olderThanDays: number, { batches, kind, count, done }: Task) => {
    let pruned = 0;
    for await (const batch of batches({ olderThanDays, projectId: null, dryRun: false })) {
      pruned += batch;
      figures.rows.add(kind, batch);
      await pause(PAUSE_MS, ending.signal);
    }
    figures.completedAtMs.set(kind, wallClockMs());
    if (pruned > 0) logger.info({ [count]: pruned, olderThanDays }, done);
  };
  const work = async (olderThanDays: number, task: Task) => {
    for (;;) {
      try {
        await once(olderThanDays, task);
      } catch (error) {
        if (ending.signal.aborted) return;
        figures.failures.add(task.kind);
        logger.warn({ reason: String(error) }, task.failed);
      }
      await pause(DAY_MS, ending.signal);
    }
  };
  const start = (olderThanDays: number | null, task: Task) =>
    olderThanDays === null ? undefined : work(olderThanDays, task).catch(() => undefined);
  const running = [
    start(days, keysOf(prune)),
    start(propertiesDays, propertiesOf(prune)),
    start(propertiesDays, reservationsOf(prune)),
  ];
  return {
    stop: async () => {
      ending.abort();
      await Promise.all(running);
    },
  };
}

interface Task {
  /** How many each batch has pruned. */
  batches(options: PruneOptions): AsyncGenerator<number>;
  readonly kind: Pruned;
  /** The name of their sum in the log. */
  readonly count: string;
  readonly done: string;
  readonly failed: string;
}

function keysOf(prune: Prune): Task {
  return {
    async *batches(options) {
      for await (const { keysPruned } of prune.keys(options)) yield keysPruned;
    },
    kind: 'idempotency_keys',
    count: 'keysPruned',
    done: 'Pruned idempotency keys.',
    failed: 'Idempotency keys could not be pruned.',
  };
}

function propertiesOf(prune: Prune): Task {
  return {
    async *batches(options) {
      for await (const { eventsPruned } of prune.properties(options)) yield eventsPruned;
    },
    kind: 'event_properties',
    count: 'eventsPruned',
    done: 'Erased the properties of events.',
    failed: 'The properties of events could not be erased.',
  };
}

function reservationsOf(prune: Prune): Task {
  return {
    async *batches(options) {
      for await (const batch of prune.reservationProperties(options)) {
        yield batch.reservationsPruned;
      }
    },
    kind: 'reservation_properties',
    count: 'reservationsPruned',
    done: 'Erased the properties of reservations.',
    failed: 'The properties of reservations could not be erased.',
  };
}

function pauseFor(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal, ref: false });
}
