/** Lists over several places are those of one, page by page, whichever places search only so far. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventPage, EventRows, ReadPath } from '../../src/meter/read/read-path.js';
import type { UsageEvent } from '../../src/meter/store.js';
import { oneStep } from '../../src/platform/steps.js';
import { readPathOf } from '../../src/store/places/read-paths.js';
import { NO_FILTER } from '../support/meter/no-filter.js';
import { answersOf } from '../support/meter/read-queue.js';

/** An event of a place: some match the filter. */
interface Stored {
  readonly id: string;
  readonly matches: boolean;
}

/** The part of the read path that lists events, which examines so many of a place for a page. */
function pathOf(stored: readonly Stored[], scannedMax: number): ReadPath {
  const eventPages: ReadPath['eventPages'] = async (_projectId, pages) =>
    pages.map((page) => oneStep(() => pageIn(stored, page, scannedMax)));
  return { eventPages } as ReadPath;
}

function pageIn(
  stored: readonly Stored[],
  { after, before, inverted, limit }: EventPage,
  scannedMax: number,
): EventRows {
  const newestFirst = stored
    .filter(({ id }) => (after === null || id < after) && (before === null || id > before))
    .toSorted((one, other) => (one.id > other.id ? -1 : 1));
  const examined = (inverted ? newestFirst.reverse() : newestFirst).slice(0, scannedMax);
  const found = examined.filter(({ matches }) => matches).slice(0, limit);
  const isCut = found.length < limit && examined.length === scannedMax;
  return {
    events: found.map(({ id }) => ({ id }) as UsageEvent),
    stoppedAt: isCut ? (examined.at(-1)?.id ?? null) : null,
  };
}

/** All pages of a list, one after the other. */
async function walk(path: ReadPath, limit: number, inverted: boolean): Promise<string[]> {
  const ids: string[] = [];
  let from: string | null = null;
  for (;;) {
    const bounds = inverted ? { after: null, before: from } : { after: from, before: null };
    const page: EventPage = {
      ...bounds,
      limit,
      inverted,
      filter: NO_FILTER,
      withProperties: false,
    };
    const [found] = await answersOf(path).eventPages('', [page]);
    const events: readonly UsageEvent[] = found?.events ?? [];
    expect(events.length).toBeLessThanOrEqual(limit);
    ids.push(...events.map(({ id }) => id));
    const next: string | null =
      events.length === limit ? (events.at(-1)?.id ?? null) : (found?.stoppedAt ?? null);
    if (next === null) return ids;
    // Otherwise the same page would be read forever.
    expect(next).not.toBe(from);
    from = next;
  }
}

const places = fc
  .uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 60 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc.record({
          id: fc.constant(String(number).padStart(3, '0')),
          matches: fc.boolean(),
          place: fc.integer({ min: 0, max: 3 }),
        }),
      ),
    ),
  )
  .map((events) => [0, 1, 2, 3].map((place) => events.filter((event) => event.place === place)));

it('events are listed once each and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      places,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (stored, limit, scannedMax, inverted) => {
        const path = readPathOf(stored.map((events) => pathOf(events, scannedMax)));
        const all = stored
          .flat()
          .filter(({ matches }) => matches)
          .map(({ id }) => id)
          .sort();
        expect(await walk(path, limit, inverted)).toEqual(inverted ? all : all.reverse());
      },
    ),
  );
});
