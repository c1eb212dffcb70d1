/** Ranges of places (docs/adr/0070-places.md): each place has its own, in its own schema. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { uuidOf } from '../../src/platform/id.js';
import { type Place, placesOf } from '../../src/store/placed.js';
import { rangesLike } from '../../src/store/ranges/copy-ranges.js';
import { rangedTables } from '../../src/store/ranges/ranged-tables.js';
import type { Ranges } from '../../src/store/ranges/ranges.js';
import { CLOSING, type Range, readRanges } from '../../src/store/ranges/read-ranges.js';
import { connect } from '../support/database/connections.js';
import { PLACES as ALL } from '../support/database/places.js';
import { createStore, type TestStore } from '../support/database/store.js';

const DAY_MS = 86_400_000;
const PLACES = placesOf(Math.max(4, ALL));

let test: TestStore;
let client: pg.Client;
let ranges: Ranges;

beforeAll(async () => {
  test = await createStore({ places: PLACES.length });
  client = await connect(test.database.url);
  ({ ranges } = test.store);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

/** Of each of its tables. */
async function rangesIn(place: Place): Promise<Range[][]> {
  const all: Range[][] = [];
  for (const table of rangedTables(place)) all.push(await readRanges(client, table));
  return all;
}

async function inAll<Result>(read: (place: Place) => Promise<Result>): Promise<Result[]> {
  const all: Result[] = [];
  for (const place of PLACES) all.push(await read(place));
  return all;
}

/** An event that occurs so many days from now, and is recorded so many days from now. */
const insert = (place: Place, occurs: number, recorded = occurs, table = 'events') =>
  client.query(
    `INSERT INTO ${place}.${table} (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
      VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'f', 1, now() + make_interval(days => $2),
        now() + make_interval(days => $3), '{}')`,
    [uuidOf(Date.now() + occurs * DAY_MS, '0'.repeat(20)), occurs, recorded],
  );

/** How many events each place has. */
const counts = () =>
  inAll(async (place) => {
    const { rows } = await client.query(`SELECT count(*)::int FROM ${place}.events`);
    return rows[0].count;
  });

it('a new place has those of the one that it is made like, without what closes the last', async () => {
  for (const table of rangedTables('public')) {
    const last = (await readRanges(client, table)).at(-1)?.name;
    const closed = `${table.key} < ${table.literal(Date.now() + 4_000 * DAY_MS)}`;
    await client.query(`ALTER TABLE ${last} ADD CONSTRAINT ${CLOSING} CHECK (${closed})`);
  }
  await rangesLike(client, 'public', 'place_2');
  const expected = (await rangesIn('public')).map((all) =>
    all.map((range) => ({ ...range, closing: null })),
  );
  expect(await rangesIn('place_2')).toEqual(expected);
  for (const { name } of rangedTables('public')) {
    await client.query(`ALTER TABLE ${name}_first DROP CONSTRAINT ${CLOSING}`);
  }
});

it('what fails in one place is done in the others, and the error says where it failed', async () => {
  // The far future keeps the last range from being closed.
  await insert('place_1', 4_000);
  const onAdded = vi.fn();
  const failed = await ranges.prepare({ onAdded }).catch((error: unknown) => error);
  expect(String(failed)).toMatch(/^PlacesError: place_1: .*range_closing/);
  const [added] = onAdded.mock.calls[0] ?? [];
  expect(onAdded.mock.calls).toEqual(PLACES.slice(1).map(() => [added]));
  const [first, between, ...others] = await inAll(rangesIn);
  expect(between).toEqual([
    [{ name: 'events_first', from: null, to: null, closing: null }],
    [{ name: 'ledger_entries_first', from: null, to: null, closing: null }],
  ]);
  expect(first?.map(({ length }) => length > 1)).toEqual([true, true]);
  expect(others).toEqual(others.map(() => first));
  expect(await ranges.state({ events: null, ledger_entries: null })).toEqual(
    [0, 1].map((table) => ({
      table: ['events', 'ledger_entries'][table],
      count: (PLACES.length - 1) * (first?.[table]?.length ?? 0) + 1,
      lastStart: null,
      isUpToDate: false,
    })),
  );
  await client.query(
    'BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM place_1.events; COMMIT',
  );
  expect(await ranges.prepare({ onAdded })).toBe(added);
  expect(await inAll(rangesIn)).toEqual(PLACES.map(() => first));
});

it('each place lets go what is old there, and keeps what was recorded late', async () => {
  await ranges.prepare();
  for (const [n, place] of PLACES.entries()) {
    for (let count = 0; count <= n; count += 1) await insert(place, 0, 190);
    await insert(place, 0);
  }
  const stored = await counts();
  expect(stored).toEqual(PLACES.map((_, n) => n + 2));
  test.setClockOffset(200 * DAY_MS);
  const wanted = { table: 'events', olderThanDays: 35 } as const;
  const onDone = vi.fn();
  const { detached, dropped } = await ranges.letGo({ ...wanted, drops: false }, onDone);
  expect(detached.filter((name) => name.endsWith('events_first'))).toEqual([
    'events_first',
    ...PLACES.slice(1).map((place) => `${place}.events_first`),
  ]);
  expect(dropped).toEqual([]);
  expect(onDone.mock.calls.flatMap(([done]) => done.detached)).toEqual(detached);
  expect(onDone).toHaveBeenCalledTimes(PLACES.length);
  expect(await counts()).toEqual(stored.map((count) => count - 1));
  // What had come in meanwhile is given back to its own place.
  for (const place of PLACES) await insert(place, 0, 190, 'let_go_events_first');
  const again = await ranges.letGo({ ...wanted, drops: true });
  expect(again.detached).toEqual([]);
  const formerly = (name: string) => name.replace(/(?=events)/, 'let_go_');
  expect(again.dropped.toSorted()).toEqual(detached.map(formerly).toSorted());
  expect(await counts()).toEqual(stored);
  const left = await client.query("SELECT FROM pg_class WHERE relname LIKE 'let_go_%'");
  expect(left.rowCount).toBe(0);
});
