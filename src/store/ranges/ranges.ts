import { PLACE_0 } from '../placed.js';
import { detachRanges, finishDetached } from './let-go.js';
import { type PrepareOptions, prepareRanges, readClock } from './prepare.js';
import { inTransaction } from './range-session.js';
import { type RangesState, rangesStateOf } from './range-state.js';
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

/** The ranges of the tables that are kept in such. One process at a time works on them; another one finds nothing to do. */
export interface Ranges {
  /** Adds those of the coming months; returns how many. Says what takes time. */
  prepare(say?: (sentence: string) => void): Promise<number>;
  letGo(options: LetGoOptions): Promise<LetGo>;
  /** How the tables stand, if what is older than so many days is to go from them; null for nothing. */
  state(ages: RangeAges): Promise<readonly RangesState[]>;
  /** Ends what is in progress, and is continued by another process; nothing can be begun after that. */
  stop(): void;
}

export function rangesOf(given: Omit<PrepareOptions, 'ending'>): Ranges {
  const ending = new AbortController();
  const options = { ...given, ending: ending.signal };
  return {
    stop: () => ending.abort(),
    async prepare(say = () => undefined) {
      let added = 0;
      for (const table of rangedTables(PLACE_0)) {
        added += await prepareRanges({ ...options, say }, table);
      }
      return added;
    },
    async letGo({ table: name, olderThanDays, drops }) {
      const detached: string[] = [];
      const dropped: string[] = [];
      for (const table of rangedTables(PLACE_0).filter((one) => one.name === name)) {
        detached.push(...(await detachRanges(options, table, olderThanDays)));
        dropped.push(...(await finishDetached(options, table, { olderThanDays, drops })));
      }
      return { detached, dropped };
    },
    state: (ages) =>
      inTransaction(options, async (client) => {
        const now = (await readClock(client)) + given.clockOffsetMs();
        const states: RangesState[] = [];
        for (const table of rangedTables(PLACE_0)) {
          const ranges = await readRanges(client, table);
          states.push(rangesStateOf(table, ranges, { now, olderThanDays: ages[table.name] }));
        }
        return states;
      }),
  };
}
