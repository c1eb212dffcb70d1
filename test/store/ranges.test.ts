/** Events and the ledger in ranges of time: ranges are added while calls go on, and old ones are let go without harm to what is left. */
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepRanges } from '../../src/commands/keep-ranges.js';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createFeature } from '../../src/meter/feature.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { voidEvent } from '../../src/meter/void-event.js';
import { RangeFigures } from '../../src/metrics/upkeep-figures.js';
import { monthAfter, rangedTables } from '../../src/store/ranges/ranged-tables.js';
import { CLOSING, type Range, readRanges } from '../../src/store/ranges/read-ranges.js';
import { connect } from '../support/database/connections.js';
import { damagesOf } from '../support/database/project.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

const DAY_MS = 86_400_000;
const TABLES = rangedTables('public');

let test: TestStore;
let client: pg.Client;
let ctx: VerbContext;

beforeEach(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  ctx = verbContext(test.store, test.projectId);
  await createFeature(ctx, {
    id: 'messages',
    name: 'messages',
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
  });
  await createCustomer(ctx, { id: 'ada', name: null, email: null, metadata: {} });
  await grantMessages(ctx, 'ada');
});
afterEach(async () => {
  await client.end();
  await test.close();
});

/** Usage at so many days from now, by the clock of the database. */
async function trackAt(days: number, more = {}) {
  test.setClockOffset(days * DAY_MS);
  const result = await trackMessage(ctx, 'ada', more);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

const damages = () => damagesOf({ connectionString: test.database.url });
const rangesOfAll = () =>
  Promise.all(TABLES.map((table) => readRanges(client, table))).then((all) => all.flat());

const facts = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;

/** Which range has how many rows. */
const rowsOf = (table: string) =>
  facts(`SELECT tableoid::regclass::text, count(*)::int FROM ${table} GROUP BY 1 ORDER BY 1`);

function expectNoGap(ranges: readonly Range[]): void {
  expect(ranges[0]?.from).toBe(null);
  expect(ranges.at(-1)?.to).toBe(null);
  for (const [n, { to }] of ranges.slice(0, -1).entries()) expect(ranges[n + 1]?.from).toBe(to);
}

describe('ranges of coming months', () => {
  it('follow each other without a gap, and what is there stays in the first one', async () => {
    for (const table of TABLES) {
      expect(await readRanges(client, table)).toEqual([
        { name: `${table.name}_first`, from: null, to: null, closing: null },
      ]);
    }
    await trackAt(0);
    expect(await test.store.ranges.prepare()).toBeGreaterThan(1);
    for (const table of TABLES) {
      const ranges = await readRanges(client, table);
      expectNoGap(ranges);
      expect(ranges.map(({ closing }) => closing)).toEqual(ranges.map(() => null));
      const starts = ranges.slice(1).map(({ from }) => from ?? 0);
      expect(starts.map((from) => monthAfter(from, 0))).toEqual(starts);
      expect(starts.at(-1)).toBeGreaterThan(Date.now() + 30 * DAY_MS);
    }
    expect(await test.store.ranges.prepare()).toBe(0);
    expect(await rowsOf('events')).toEqual([['events_first', 1]]);
    // From the past, from the future, and between.
    await trackAt(0, { timestamp: Date.UTC(2001, 0, 1) });
    await trackAt(100);
    await trackAt(4_000);
    const rows = await rowsOf('events');
    expect(rows[0]).toEqual(['events_first', 2]);
    expect(rows.slice(1).map(([, count]) => count)).toEqual([2]);
    expect(await damages()).toEqual([]);
  });

  it('have what the table has: the same constraints, indexes and triggers', async () => {
    await test.store.ranges.prepare();
    const partsOf = (range: string) =>
      facts(`SELECT regexp_replace(pg_get_indexdef(indexrelid), '(events|ledger_entries)_[a-z0-9_]+', '', 'g')
          FROM pg_index WHERE indrelid = '${range}'::regclass
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
          WHERE conrelid = '${range}'::regclass AND contype = 'c'
        UNION ALL SELECT regexp_replace(pg_get_triggerdef(oid), 'ON public\\.\\w+', '') FROM pg_trigger
          WHERE tgrelid = '${range}'::regclass ORDER BY 1`);
    for (const table of TABLES) {
      const [first, ...others] = await readRanges(client, table);
      const expected = (await partsOf(first?.name ?? '')).map(([part]) =>
        String(part).replace(' NOT VALID', ''),
      );
      expect(expected.length).toBeGreaterThan(5);
      for (const { name } of others) expect((await partsOf(name)).flat(), name).toEqual(expected);
    }
  });

  it('are added later by the next process, if closing one was interrupted', async () => {
    const at = monthAfter(Date.now() + 60 * DAY_MS, 1);
    const [events] = TABLES;
    await client.query(`ALTER TABLE events_first ADD CONSTRAINT ${CLOSING}
      CHECK (id < ${events?.literal(at)}) NOT VALID`);
    await test.store.ranges.prepare();
    expect((await rangesOfAll())[0]).toEqual({
      name: 'events_first',
      from: null,
      to: at,
      closing: null,
    });
  });

  it('are not what a range is closed for in a hurry: it is begun anew', async () => {
    const [events] = TABLES;
    await client.query(`ALTER TABLE events_first ADD CONSTRAINT ${CLOSING}
      CHECK (id < ${events?.literal(Date.now() + DAY_MS)}) NOT VALID`);
    await test.store.ranges.prepare();
    expect((await rangesOfAll())[0]?.to).toBeGreaterThan(Date.now() + 29 * DAY_MS);
  });

  it('leave nothing behind that refuses rows, if a range cannot be closed', async () => {
    await trackAt(4_000);
    test.setClockOffset(0);
    await expect(test.store.ranges.prepare()).rejects.toThrow(CLOSING);
    expect((await rangesOfAll())[0]).toMatchObject({ to: null, closing: null });
    await trackAt(5_000);
  });

  it('are left to another process that works on them', async () => {
    await client.query('BEGIN; SELECT pg_advisory_xact_lock(72707371)');
    expect(await test.store.ranges.prepare()).toBe(0);
    expect(
      await test.store.ranges.letGo({ table: 'events', olderThanDays: 35, drops: true }),
    ).toEqual({ detached: [], dropped: [] });
    await client.query('COMMIT');
  });

  it('are added although a transaction reads the table for a moment', async () => {
    await client.query('BEGIN; SELECT FROM events LIMIT 1; SELECT FROM ledger_entries LIMIT 1');
    const preparing = test.store.ranges.prepare();
    const waits = `SELECT count(*)::int FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`;
    const other = await connect(test.database.url);
    await expect.poll(async () => (await other.query(waits)).rows[0].count).toBe(1);
    // A call waits for no longer than the attempt.
    await trackAt(0);
    await client.query('COMMIT');
    expect(await preparing).toBeGreaterThan(1);
    await other.end();
  });
});

describe('old ranges', () => {
  /** Usage now, one 70 days later, one 200 days later; each with its ranges. */
  async function threeUses() {
    await test.store.ranges.prepare();
    const first = await trackAt(0, { idempotencyKey: 'first' });
    await trackAt(70);
    await test.store.ranges.prepare();
    test.setClockOffset(200 * DAY_MS);
    await test.store.ranges.prepare();
    const last = await trackAt(200, { idempotencyKey: 'last' });
    return { first, last };
  }

  const letGo = (table: 'events' | 'ledger_entries', drops = true, olderThanDays = 35) =>
    test.store.ranges.letGo({ table, olderThanDays, drops });

  it('of events are let go, and what names one of theirs finds none', async () => {
    const { first, last } = await threeUses();
    const { detached, dropped } = await letGo('events');
    expect(detached[0]).toBe('events_first');
    expect(dropped).toEqual(detached.map((name) => `let_go_${name}`).toSorted());
    const ranges = await rangesOfAll();
    expectNoGap(ranges.filter(({ name }) => name.startsWith('events')));
    expect(ranges[0]?.name).toMatch(/^events_before_\d{4}_\d\d$/);
    expect(await facts('SELECT id::text FROM events')).toEqual([[last.event.id]]);
    const undo = { ...ctxEvent(first), reason: null, actor: null, idempotencyKey: null };
    expect(await voidEvent(ctx, undo)).toMatchObject({ refusal: { code: 'EVENT_NOT_FOUND' } });
    const again = await trackAt(200, { idempotencyKey: 'first' });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await letGo('events')).toEqual({ detached: [], dropped: [] });
    expect(await damages()).toEqual([]);
    // What occurred before all that is kept has a place.
    await trackAt(200, { timestamp: Date.UTC(2001, 0, 1) });
  });

  it('keep events that were recorded later than they occurred', async () => {
    await threeUses();
    const late = await trackAt(200, { timestamp: Date.now() });
    await letGo('events');
    expect(await facts('SELECT id::text FROM events WHERE occurred_at < recorded_at')).toEqual([
      [late.event.id],
    ]);
    expect(await letGo('events')).toEqual({ detached: [], dropped: [] });
  });

  it('give back what came into them while they were being detached', async () => {
    await threeUses();
    await letGo('events', false);
    await client.query(`INSERT INTO let_go_events_first SELECT customer_key, tollgate_event_id('2002-01-01', '70008000000000000000'),
      project_id, entity_id, feature_id, event_name, value, properties, '2002-01-01', recorded_at, NULL, outcome FROM events LIMIT 1`);
    expect((await letGo('events')).dropped).toContain('let_go_events_first');
    expect(await rowsOf('events')).toHaveLength(2);
  });

  it('of the ledger leave the last entry of each balance, by which it can still be proven', async () => {
    await threeUses();
    await grantMessages(ctx, 'ada');
    expect(await letGo('ledger_entries')).toMatchObject({
      detached: expect.arrayContaining(['ledger_entries_first']),
    });
    const seqs = () => facts('SELECT seq::int FROM ledger_entries ORDER BY balance_id, seq');
    expect((await seqs()).flat().toSorted()).toEqual([1, 3, 4]);
    expect(await damages()).toEqual([]);
    const opened: number[] = [];
    for await (const page of test.store.audit.pages(null)) opened.push(page.opened);
    expect(opened[0]).toBe(1);
    await trackAt(201);
    expect(await damages()).toEqual([]);
    const change = (set: string) =>
      client.query(
        `SET session_replication_role = replica; ${set}; SET session_replication_role = origin`,
      );
    await change('UPDATE ledger_entries SET amount = amount - 1 WHERE seq = 4');
    expect(await damages()).toHaveLength(1);
    await change('UPDATE ledger_entries SET amount = amount + 1 WHERE seq = 4');
    await change('DELETE FROM ledger_entries WHERE seq = 3');
    expect(await damages()).toHaveLength(1);
  });

  it('stay in the database under another name, if so wanted', async () => {
    await threeUses();
    const { detached, dropped } = await letGo('events', false);
    expect(dropped).toEqual([]);
    expect(await facts(`SELECT count(*)::int FROM let_go_${detached[0]}`)).toEqual([[1]]);
    expect((await letGo('events')).dropped).toHaveLength(detached.length);
  });

  it('are kept for their days', async () => {
    await threeUses();
    expect(await letGo('events', true, 201)).toEqual({ detached: [], dropped: [] });
    expect(await facts('SELECT count(*)::int FROM events')).toEqual([[3]]);
  });

  it('are let go once a day by a gateway with the setting', async () => {
    await threeUses();
    const figures = new RangeFigures();
    const logged: unknown[] = [];
    let pauses = 0;
    const logger = { info: (...line: unknown[]) => void logged.push(line), warn: fail };
    const keeping = keepRanges({
      ranges: test.store.ranges,
      config: { eventsDays: 35, ledgerDays: null, dropDetached: true },
      logger,
      figures,
      pause: (_ms, signal) => {
        pauses += 1;
        if (pauses < 3) return Promise.resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('over'))),
        );
      },
    });
    await expect.poll(() => pauses, { timeout: 60_000 }).toBe(3);
    await keeping.stop();
    expect(logged).toMatchObject([
      [{ table: 'events', olderThanDays: 35 }, 'Old ranges were let go.'],
    ]);
    expect(await facts('SELECT count(*)::int FROM events')).toEqual([[1]]);
    const ends = (await rangesOfAll()).flatMap(({ from, to }) => (to === null ? [from] : []));
    expect([...figures.lastStartMs.values()]).toEqual(ends);
    expect(figures.completedAtMs).not.toBeNull();
  });

  function ctxEvent({ event }: Awaited<ReturnType<typeof trackAt>>) {
    const { customerKey } = customerScope(test.projectId, 'ada');
    return { customerKey, eventId: event.id, globalId: 'it' };
  }
});

function fail(...line: unknown[]): never {
  throw new Error(JSON.stringify(line));
}
