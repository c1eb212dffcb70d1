import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config.js';
import { RangeFigures } from '../metrics/upkeep-figures.js';
import { wallClockMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { errorsIn } from '../store/each-place.js';
import type { LetGo, LetGoOptions, Ranges } from '../store/ranges/ranges.js';
import { rangeCauseOf } from './range-cause.js';

const DAY_MS = 86_400_000;

/** A start has more urgent work, and one that is repeated does not need ranges each time. */
const FIRST_AFTER_MS = 60_000;

export interface KeepRangesOptions {
  readonly ranges: Ranges;
  readonly config: Pick<Config, 'eventsDays' | 'ledgerDays' | 'dropDetached'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Where it is counted what it does. */
  readonly figures?: RangeFigures;
  /** Rejects once the signal is aborted; replaced by tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Adds the ranges of coming months and detaches old ones, soon after the start and once a day, until it is stopped. Failures wait for the next day. */
export function keepRanges({
  ranges,
  config,
  logger,
  figures = new RangeFigures(),
  pause = pauseFor,
}: KeepRangesOptions): {
  stop(): Promise<void>;
} {
  const { eventsDays, ledgerDays, dropDetached: drops } = config;
  const ending = new AbortController();
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (!ending.signal.aborted) {
        for (const one of errorsIn(error)) figures.failures.add(rangeCauseOf(one));
        logger.warn(
          { reason: String(error) },
          'The ranges of a table could not be brought up to date.',
        );
      }
      return false;
    }
  };
  const prepare = async () => {
    const onAdded = (added: number) => logger.info({ added }, 'Added ranges of coming months.');
    await ranges.prepare({ onAdded });
  };
  const letGo = async (table: LetGoOptions['table'], olderThanDays: number | null) => {
    if (olderThanDays === null || ending.signal.aborted) return;
    const onDone = ({ detached, dropped }: LetGo) => {
      figures.letGo.add(table, detached.length);
      logger.info({ table, olderThanDays, detached, dropped }, 'Old ranges were let go.');
    };
    await ranges.letGo({ table, olderThanDays, drops }, onDone);
  };
  // What another gateway has done, or leaves undone, counts as well: it may have been at work meanwhile.
  const examine = async (isDone: boolean) => {
    if (ending.signal.aborted) return;
    const states = await ranges.state({ events: eventsDays, ledger_entries: ledgerDays });
    for (const { table, count, lastStart } of states) {
      figures.ranges.set(table, count);
      figures.lastStartMs.set(table, lastStart);
    }
    if (isDone && states.every(({ isUpToDate }) => isUpToDate)) {
      figures.completedAtMs = wallClockMs();
    }
  };
  const work = async () => {
    await pause(FIRST_AFTER_MS, ending.signal);
    for (;;) {
      const done = [
        await attempt(prepare),
        await attempt(() => letGo('events', eventsDays)),
        await attempt(() => letGo('ledger_entries', ledgerDays)),
      ];
      await attempt(() => examine(!done.includes(false)));
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
