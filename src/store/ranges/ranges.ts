import { detachRanges, finishDetached } from './let-go.js';
import { type PrepareOptions, prepareRanges } from './prepare.js';
import { RANGED_TABLES, type RangedTable } from './ranged-tables.js';

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

/** The ranges of the tables that are kept in such. One process at a time works on them; another one finds nothing to do. */
export interface Ranges {
  /** Adds those of the coming months; returns how many. Says what takes time. */
  prepare(say?: (sentence: string) => void): Promise<number>;
  letGo(options: LetGoOptions): Promise<LetGo>;
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
      for (const table of RANGED_TABLES) added += await prepareRanges({ ...options, say }, table);
      return added;
    },
    async letGo({ table: name, olderThanDays, drops }) {
      const detached: string[] = [];
      const dropped: string[] = [];
      for (const table of RANGED_TABLES.filter((one) => one.name === name)) {
        detached.push(...(await detachRanges(options, table, olderThanDays)));
        dropped.push(...(await finishDetached(options, table, { olderThanDays, drops })));
      }
      return { detached, dropped };
    },
  };
}
