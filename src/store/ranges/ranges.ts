import { present } from '../../domain/assert.js';
import { inEach } from '../each-place.js';
import type { Place } from '../placed.js';
import type { ServerPlaces } from '../servers/server-places.js';
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

export interface RangesOptions extends Pick<PrepareOptions, 'connectTimeoutMs' | 'clockOffsetMs'> {
  /** Where the places are now, by server. */
  readonly servers: () => Promise<readonly ServerPlaces[]>;
}

export function rangesOf(given: RangesOptions): Ranges {
  const { clockOffsetMs, connectTimeoutMs } = given;
  const ending = new AbortController();
  const on = ({ address, pool }: ServerPlaces) => ({
    ...{ address, pool, connectTimeoutMs, clockOffsetMs },
    ending: ending.signal,
  });
  /** Does the same in each place, where it is now. */
  async function inEachPlace<Result>(
    work: (place: Place, options: PrepareOptions) => Promise<Result>,
  ): Promise<readonly Result[]> {
    const servers = await given.servers();
    const sessions = new Map(
      servers.flatMap((server) => server.places.map((place) => [place, on(server)] as const)),
    );
    return inEach([...sessions.keys()], (place) =>
      work(place, present(sessions.get(place), 'each is on a server')),
    );
  }
  return {
    stop: () => ending.abort(),
    async prepare({ say = () => undefined, onAdded = () => undefined } = {}) {
      const added = await inEachPlace(async (place, options) => {
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
      const all = await inEachPlace(async (place, options) => {
        const done = await letGoIn(options, place, wanted);
        if (done.detached.length + done.dropped.length > 0) onDone(done);
        return done;
      });
      return {
        detached: all.flatMap(({ detached }) => detached),
        dropped: all.flatMap(({ dropped }) => dropped),
      };
    },
    async state(ages) {
      const states: RangesState[] = [];
      for (const server of await given.servers()) {
        await inTransaction(on(server), async (client) => {
          const now = (await readClock(client)) + clockOffsetMs();
          for (const table of server.places.flatMap(rangedTables)) {
            const ranges = await readRanges(client, table);
            states.push(rangesStateOf(table, ranges, { now, olderThanDays: ages[table.name] }));
          }
        });
      }
      return worstOf(states);
    },
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
