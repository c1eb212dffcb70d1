/** Lists of a project whose customers are in eight places are those of one place, page by page. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { keyOfPosition } from '../../src/meter/customer-cursor.js';
import type { EventPage, Page } from '../../src/meter/read/read-path.js';
import { uuidOf, uuidV5 } from '../../src/platform/id.js';
import { placesOf } from '../../src/store/placed.js';
import { withClient } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { NO_FILTER } from '../support/meter/no-filter.js';
import { answersOf } from '../support/meter/read-queue.js';

const PLACES = 8;
const CUSTOMERS = 300;
const EVENTS = 600;

const NAMESPACE = '01890f2c-0000-7000-8000-000000000000';
const keyOf = (n: number) => uuidV5(NAMESPACE, String(n));

/** Few of each, so that many are equal; in some orders, characters beyond the first plane come last. */
const NAMES = ['Ann', 'ann', 'Ångström', '\uFFFD', '\u{1F600}', '', '~', null];
const FEATURES = ['messages', 'rare'];
const START = Date.UTC(2030, 0, 1);

const customers = Array.from({ length: CUSTOMERS }, (_, n) => ({
  customer_key: keyOf(n),
  id: `c${(n * 7_919) % 1_000}-${n}`,
  name: NAMES[n % NAMES.length],
  email: n % 3 === 0 ? null : `${n % 40}@example.com`,
  created_at: new Date(START + (n % 50)).toISOString(),
  version: n % 11 === 0 ? -1 : 0,
  deleted_at: n % 11 === 0 ? new Date(START).toISOString() : null,
}));

const events = Array.from({ length: EVENTS }, (_, n) => ({
  customer_key: keyOf(n % CUSTOMERS),
  id: uuidOf(
    START + Math.floor(n / 5),
    uuidV5(NAMESPACE, `event ${n}`).replaceAll('-', '').slice(0, 20),
  ),
  feature_id: FEATURES[n % 17 === 0 ? 1 : 0],
  entity_id: n % 5 === 0 ? 'seat' : null,
  value: n,
  occurred_at: new Date(START + Math.floor(n / 5)).toISOString(),
  recorded_at: new Date(START).toISOString(),
  outcome: { v: 1, d: [], u: [] },
}));

let one: TestStore;
let many: TestStore;

beforeAll(async () => {
  [one, many] = await Promise.all([createStore({ places: 1 }), createStore({ places: PLACES })]);
  await fill(one, 1);
  await fill(many, PLACES);
});

afterAll(() => Promise.all([one.close(), many.close()]));

async function fill({ database, projectId }: TestStore, places: number): Promise<void> {
  await withClient(database.url, async (client) => {
    for (const [number, place] of placesOf(places).entries()) {
      for (const [table, rows] of Object.entries({ customers, events })) {
        const ofPlace = rows
          .filter(({ customer_key }) => placeOf(customer_key, places) === number)
          .map((row) => ({ ...row, project_id: projectId }));
        const columns = Object.keys(ofPlace[0] ?? {}).join(', ');
        await client.query(
          `INSERT INTO ${place}.${table} (${columns})
            SELECT ${columns} FROM json_populate_recordset(NULL::${place}.${table}, $1)`,
          [JSON.stringify(ofPlace)],
        );
      }
    }
  });
}

type Reads = ReturnType<typeof answersOf>;

/** The same of both. */
async function same<Found>(read: (reads: Reads, projectId: string) => Promise<Found>) {
  const [ofOne, ofMany] = await Promise.all(
    [one, many].map(({ store, projectId }) => read(answersOf(store.reads), projectId)),
  );
  expect(ofMany).toEqual(ofOne);
}

const pick = <Value>(values: readonly Value[]) => fc.constantFrom(...values);

/** Between two of these, or from an end. */
const pages = (cursors: readonly string[], newestFirst: boolean): fc.Arbitrary<Page> =>
  fc
    .record({
      limit: fc.integer({ min: 1, max: 60 }),
      inverted: fc.boolean(),
      cursors: fc.tuple(fc.option(pick(cursors)), fc.option(pick(cursors))),
    })
    .map(({ cursors: [from, to], ...page }) => {
      const isReversed = from !== null && to !== null && from > to !== newestFirst;
      return { ...page, after: isReversed ? to : from, before: isReversed ? from : to };
    });

const RUNS = { numRuns: 60 };

it('of customers by id', async () => {
  const ids = customers.map(({ id }) => id);
  await fc.assert(
    fc.asyncProperty(fc.array(pages(ids, false), { minLength: 1, maxLength: 3 }), (wanted) =>
      same(async (reads, projectId) =>
        (await reads.customerPages(projectId, wanted)).map((page) => page.map(({ id }) => id)),
      ),
    ),
    RUNS,
  );
});

it.each(['NAME', 'EMAIL', 'NEWEST'] as const)('of customers by %s', async (by) => {
  const cursors = customers.flatMap(({ id, name, email, created_at }) => {
    const text = by === 'NAME' ? name : email;
    const value = by === 'NEWEST' ? String(Date.parse(created_at)) : text?.toLowerCase();
    return value === undefined ? [] : keyOfPosition({ value, id }, by);
  });
  const walk = fc.record({ limit: fc.integer({ min: 1, max: 60 }), inverted: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(walk, fc.option(pick(cursors)), (page, cursor) =>
      same(async (reads, projectId) => {
        const bounds = page.inverted
          ? { after: null, before: cursor }
          : { after: cursor, before: null };
        const [found = []] = await reads.customerSearchPages(projectId, [
          { ...page, ...bounds, by },
        ]);
        return found.map(({ id }) => id);
      }),
    ),
    RUNS,
  );
});

it('of events, by any filter', async () => {
  const ids = events.map(({ id }) => id);
  const filter = fc.record({
    customerKey: fc.option(pick(customers.slice(0, 20).map(({ customer_key }) => customer_key)), {
      freq: 2,
    }),
    entityId: fc.option(fc.constant('seat')),
    featureId: fc.option(pick(FEATURES)),
    occurredFrom: fc.option(fc.integer({ min: START, max: START + EVENTS / 5 })),
    occurredBefore: fc.option(fc.integer({ min: START, max: START + EVENTS / 5 })),
  });
  const wanted = fc.tuple(pages(ids, true), filter).map(
    ([page, given]): EventPage => ({
      ...page,
      filter: { ...NO_FILTER, ...given },
      withProperties: false,
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(wanted, { minLength: 1, maxLength: 4 }), (list) =>
      same(async (reads, projectId) =>
        (await reads.eventPages(projectId, list)).map((page) => ({
          ids: page.events.map(({ id }) => id),
          stoppedAt: page.stoppedAt,
        })),
      ),
    ),
    RUNS,
  );
});

it('of the events and customers of several places, single ones are found', () =>
  same(async (reads, projectId) => {
    const addresses = events.map(({ customer_key: customerKey, id: eventId }) => ({
      customerKey,
      eventId,
      withProperties: true,
    }));
    const found = await reads.events(projectId, addresses);
    const known = await reads.customers(projectId, [
      ...customers.map((each) => each.customer_key),
      NAMESPACE,
    ]);
    expect(known.at(-1)).toBeNull();
    return [found.map((event) => event?.value), known.map((customer) => customer?.id)];
  }));
