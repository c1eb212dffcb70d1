/** The cost of filtering events on a large table: an index scan of one page, or a bounded search. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import type { EventFilter } from '../../src/meter/store.js';
import { SCANNED_MAX } from '../../src/store/read-page.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { NO_FILTER } from '../support/meter/no-filter.js';
import { answersOf } from '../support/meter/read-queue.js';

const EVENTS = 200_000;
const RARE_EVERY = 100_000;

let test: TestStore;
let client: pg.Client;
let ann: string;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  ann = customerScope(test.projectId, 'ann').customerKey;
  // Ann has half of them. Rare values occur twice, among the oldest events, and so at the end of every listing.
  await client.query(
    `INSERT INTO events (customer_key, id, project_id, entity_id, feature_id, event_name, value, occurred_at,
        recorded_at, outcome)
      SELECT CASE WHEN n % 2 = 1 THEN $1::uuid ELSE gen_random_uuid() END,
        tollgate_event_id(to_timestamp(1e9 + n), '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15)),
        $2, CASE WHEN n % ${RARE_EVERY} = 1 THEN 'rare' ELSE 'seat' END,
        CASE WHEN n % ${RARE_EVERY} = 3 THEN 'rare' WHEN n % 2 = 1 THEN 'calls' END,
        CASE WHEN n % ${RARE_EVERY} = 2 THEN 'rare' WHEN n % 2 = 0 THEN 'call.made' END,
        1, to_timestamp(1e9 + n), now(), '{"deductions":[],"unapplied":[]}'
      FROM generate_series(1, ${EVENTS}) AS n`,
    [ann, test.projectId],
  );
  await client.query('VACUUM ANALYZE events');
});
afterAll(async () => {
  await client.end();
  await test.close();
});

const PAGE = { limit: 21, after: null, before: null, inverted: false, withProperties: false };

/** The page, and how many rows its statements examined. */
async function read(filter: Partial<EventFilter>, page = {}) {
  const query = vi.spyOn(pg.Pool.prototype, 'query');
  const wanted = { ...PAGE, ...page, filter: { ...NO_FILTER, ...filter } };
  const [found] = await answersOf(test.store.reads).eventPages(test.projectId, [wanted]);
  const statements = query.mock.calls.map(([statement]) => statement);
  query.mockRestore();
  let rows = 0;
  for (const statement of statements as unknown as pg.QueryConfig[])
    rows += await rowsOf(statement);
  return { found, rows };
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows that scans returned or filtered out. There must be no scan of the whole table. */
async function rowsOf({ text, values }: pg.QueryConfig): Promise<number> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values ?? []);
  const scans = scansIn(rows[0]['QUERY PLAN'][0].Plan);
  expect(scans.map((scan) => scan['Node Type'])).not.toContain('Seq Scan');
  return scans.reduce((sum, scan) => {
    const removed = scan['Rows Removed by Filter'] ?? 0;
    return sum + (scan['Actual Rows'] + removed) * scan['Actual Loops'];
  }, 0);
}

function scansIn(plan: Plan): Plan[] {
  const inner = (plan.Plans ?? []).flatMap(scansIn);
  return /^(Seq|Index|Index Only|Bitmap Heap) Scan$/.test(plan['Node Type'])
    ? [plan, ...inner]
    : inner;
}

describe('on a large table', () => {
  it.each([
    ['no filter', () => ({}), 21],
    ['a customer', () => ({ customerKey: ann }), 21],
    ['a rare feature', () => ({ featureId: 'rare' }), 2],
    ['a rare event name', () => ({ eventName: 'rare' }), 2],
    ['a rare entity of a large customer', () => ({ customerKey: ann, entityId: 'rare' }), 2],
    ['a range of time', () => ({ occurredFrom: 1e12 + 5_000, occurredBefore: 1e12 + 9_000 }), 4],
    ['a feature without events', () => ({ featureId: 'none' }), 0],
  ])('%s is found by an index', async (_what, filter, count) => {
    const { found, rows } = await read(filter());
    expect(found?.events).toHaveLength(count);
    expect(found?.stoppedAt).toBeNull();
    expect(rows).toBeLessThanOrEqual(count);
  });

  const COMBINED: [string, () => Partial<EventFilter>, number][] = [
    ['a rare feature of a large customer', () => ({ customerKey: ann, featureId: 'rare' }), 2],
    ['an entity of any customer', () => ({ entityId: 'rare' }), 2],
    [
      'an event name that a customer does not have',
      () => ({ customerKey: ann, eventName: 'call.made' }),
      0,
    ],
  ];

  it.each(COMBINED)('%s is searched for up to a limit', async (_what, filter) => {
    const { found, rows } = await read(filter());
    expect(found?.events).toEqual([]);
    expect(found?.stoppedAt).not.toBeNull();
    expect(rows).toBeLessThanOrEqual(2 * SCANNED_MAX);
  });

  it.each([-1, 0, 1])('no event is skipped where a search stops, at offset %i', async (off) => {
    const [row] = (
      await client.query('SELECT id FROM events WHERE occurred_at = to_timestamp($1)', [
        1e9 + RARE_EVERY + 1 + SCANNED_MAX + off,
      ])
    ).rows;
    const rare = { entityId: 'rare' };
    const first = (await read(rare, { after: row.id })).found;
    // The last event examined is found at once, and the one after it by continuing.
    expect(first?.events).toHaveLength(off > 0 ? 0 : 1);
    const next = (await read(rare, { after: first?.stoppedAt })).found;
    expect(next?.events).toHaveLength(off > 0 ? 1 : 0);
  });

  it.each(COMBINED)('%s is found by continuing the search', async (_what, filter, count) => {
    for (const inverted of [false, true]) {
      const seen: string[] = [];
      let at: string | null = null;
      do {
        const page = { inverted, ...(inverted ? { before: at } : { after: at }) };
        const wanted = { ...PAGE, ...page, filter: { ...NO_FILTER, ...filter() } };
        const [found] = await answersOf(test.store.reads).eventPages(test.projectId, [wanted]);
        seen.push(...(found?.events ?? []).map(({ id }) => id));
        at = found?.stoppedAt ?? null;
      } while (at !== null);
      expect(new Set(seen).size).toBe(count);
      expect(seen).toHaveLength(count);
    }
  });
});
