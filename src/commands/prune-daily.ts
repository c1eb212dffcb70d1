import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../platform/logger.js';
import type { Prune } from '../store/prune.js';

const DAY_MS = 86_400_000;

/** A pause between batches, so that calls never wait for more than one of them. */
const PAUSE_MS = 100;

export interface PruneDailyOptions {
  readonly prune: Prune;
  /** Null for never. */
  readonly days: number | null;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Rejects once the signal is aborted; replaced by tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Deletes old idempotency keys now and once a day, until it is stopped. Failures wait for the next day. */
export function pruneDaily({ prune, days, logger, pause = pauseFor }: PruneDailyOptions): {
  stop(): Promise<void>;
} {
  const ending = new AbortController();
  const work = async (olderThanDays: number) => {
    for (;;) {
      let keysPruned = 0;
      try {
        for await (const batch of prune.keys({ olderThanDays, projectId: null, dryRun: false })) {
          keysPruned += batch.keysPruned;
          await pause(PAUSE_MS, ending.signal);
        }
        if (keysPruned > 0) logger.info({ keysPruned, olderThanDays }, 'Pruned idempotency keys.');
      } catch (error) {
        if (ending.signal.aborted) return;
        logger.warn({ reason: String(error) }, 'Idempotency keys could not be pruned.');
      }
      await pause(DAY_MS, ending.signal);
    }
  };
  const running = days === null ? Promise.resolve() : work(days).catch(() => undefined);
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}

function pauseFor(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal, ref: false });
}
