import { inEach } from '../each-place.js';
import type { Place } from '../placed.js';
import { detachRanges, finishDetached } from './let-go.js';
import { type PrepareOptions, prepareRanges, readClock, type Telling } from './prepare.js';
import { inTransaction } from './range-session.js';
import { type RangesState, rangesStateOf, worstOf } from './range-state.js';
import { type RangedTable, rangedTables } from './ranged-tables.js';
import { readRanges } from './read-ranges.js';

export interface LetGoOptions {
  readonly table: RangedTable['name'];
  /** Whole ranges are let go, once all that is in them is older. */
  readonly olderThanDays: number;
  /** Whether detached ranges are dropped, or left for the operator. */
  readonly drops: boolean;
}

export interface LetGo {
  /** The former names of the ranges that are no part of the table any more. */
  readonly detached: readonly string[];
  readonly dropped: readonly string[];
}

/** How old the rows of each table become; null for no limit. */
export type RangeAges = Readonly<Record<RangedTable['name'], number | null>>;

/**
 * The ranges of the tables that are kept in such, in all places. One process at a time works on them; another one finds nothing to do. What
 * fails in one place is done in the others all the same, before the error is thrown, so what is done is reported for each.
 */
export interface Ranges {
  /** Adds those of the coming months; returns how many. Says what takes time, and how many were added in a place. */
  prepare(telling?: Partial<PrepareTelling>): Promise<number>;
  /** Reports what was let go in a place. */
  letGo(options: LetGoOptions, onDone?: (letGo: LetGo) => void): Promise<LetGo>;
  /** How the tables stand, if what is older than so many days is to go from them; null for nothing. */
  state(ages: RangeAges): Promise<readonly RangesState[]>;
  /** Ends what is in progress, and is continued by another process; nothing can be begun after that. */
  stop(): void;
}

export interface PrepareTelling extends Telling {
  readonly onAdded: (added: number) => void;
}

export interface RangesOptions extends Omit<PrepareOptions, 'ending'> {
  readonly places: readonly Place[];
}

export function rangesOf(given: RangesOptions): Ranges {
  const { places } = given;
  const ending = new AbortController();
  const options = { ...given, ending: ending.signal };
  return {
    stop: () => ending.abort(),
    async prepare({ say = () => undefined, onAdded = () => undefined } = {}) {
      const added = await inEach(places, async (place) => {
        let count = 0;
        for (const table of rangedTables(place)) {
          count += await prepareRanges({ ...options, say }, table);
        }
        if (count > 0) onAdded(count);
        return count;
      });
      return added.reduce((sum, count) => sum + count, 0);
    },
    async letGo(wanted, onDone = () => undefined) {
      const all = await inEach(places, async (place) => {
        const done = await letGoIn(options, place, wanted);
        if (done.detached.length + done.dropped.length > 0) onDone(done);
        return done;
      });
      return {
        detached: all.flatMap(({ detached }) => detached),
        dropped: all.flatMap(({ dropped }) => dropped),
      };
    },
    state: (ages) =>
      inTransaction(options, async (client) => {
        const now = (await readClock(client)) + given.clockOffsetMs();
        const states: RangesState[] = [];
        for (const table of places.flatMap(rangedTables)) {
          const ranges = await readRanges(client, table);
          states.push(rangesStateOf(table, ranges, { now, olderThanDays: ages[table.name] }));
        }
        return worstOf(states);
      }),
  };
}

async function letGoIn(
  options: PrepareOptions,
  place: Place,
  { table: name, olderThanDays, drops }: LetGoOptions,
): Promise<LetGo> {
  const detached: string[] = [];
  const dropped: string[] = [];
  for (const table of rangedTables(place).filter((one) => one.name === name)) {
    detached.push(...(await detachRanges(options, table, olderThanDays)));
    dropped.push(...(await finishDetached(options, table, { olderThanDays, drops })));
  }
  return { detached, dropped };
}
