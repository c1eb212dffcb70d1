import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config.js';
import type { Logger } from '../platform/logger.js';
import type { LetGoOptions, Ranges } from '../store/ranges/ranges.js';

const DAY_MS = 86_400_000;

/** A start has more urgent work, and one that is repeated does not need ranges each time. */
const FIRST_AFTER_MS = 60_000;

export interface KeepRangesOptions {
  readonly ranges: Ranges;
  readonly config: Pick<Config, 'eventsDays' | 'ledgerDays' | 'dropDetached'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Rejects once the signal is aborted; replaced by tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Adds the ranges of coming months and detaches old ones, soon after the start and once a day, until it is stopped. Failures wait for the next day. */
export function keepRanges({ ranges, config, logger, pause = pauseFor }: KeepRangesOptions): {
  stop(): Promise<void>;
} {
  const { eventsDays, ledgerDays, dropDetached: drops } = config;
  const ending = new AbortController();
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!ending.signal.aborted) {
        logger.warn(
          { reason: String(error) },
          'The ranges of a table could not be brought up to date.',
        );
      }
    }
  };
  const letGo = async (table: LetGoOptions['table'], olderThanDays: number | null) => {
    if (olderThanDays === null || ending.signal.aborted) return;
    const { detached, dropped } = await ranges.letGo({ table, olderThanDays, drops });
    if (detached.length + dropped.length > 0) {
      logger.info({ table, olderThanDays, detached, dropped }, 'Old ranges were let go.');
    }
  };
  const work = async () => {
    await pause(FIRST_AFTER_MS, ending.signal);
    for (;;) {
      await attempt(async () => {
        const added = await ranges.prepare();
        if (added > 0) logger.info({ added }, 'Added ranges of coming months.');
      });
      await attempt(() => letGo('events', eventsDays));
      await attempt(() => letGo('ledger_entries', ledgerDays));
      await pause(DAY_MS, ending.signal);
    }
  };
  const running = work().catch(() => undefined);
  return {
    stop: async () => {
      ending.abort();
      ranges.stop();
      await running;
    },
  };
}

function pauseFor(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal, ref: false });
}
