/** What the sweeper writes, for whom it waits, and that there is one at a time. */
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { units } from '../../src/domain/quantity.js';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createFeature } from '../../src/meter/feature.js';
import { SweepCommand } from '../../src/meter/sweep.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { sweep } from '../support/meter/sweep.js';
import {
  grantMessages,
  trackMessage,
  verbContext,
  watched,
} from '../support/meter/verb-context.js';

const DAY_MS = 86_400_000;
const MONTHLY = { unit: 'MONTH', count: 1 } as const;
const START = Date.parse('2026-03-01T00:00:00Z');

let test: TestStore;
let ctx: VerbContext;
let client: pg.Client;
/** The calls of the write path. */
let calls: string[];

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  const store = watched(test.store, (name) => calls.push(name));
  ctx = verbContext(store, test.projectId);
});

beforeEach(() => {
  calls = [];
});

afterEach(() => client.query('ROLLBACK'));

afterAll(async () => {
  await client.end();
  await test.close();
});

/** The clock of the store runs on from there. */
const setClock = (at: number) => test.setClockOffset(at - Date.now());

/** Customers with ten of a hundred messages used in March, now that it is April. */
async function due(...ids: string[]): Promise<void> {
  setClock(START + DAY_MS);
  await createFeature(ctx, {
    id: 'messages',
    name: 'messages',
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
  });
  for (const id of ids) {
    await createCustomer(ctx, { id, name: null, email: null, metadata: {} });
    const reset = { interval: MONTHLY, anchor: START, timeZone: null, rollover: null };
    await grantMessages(ctx, id, null, { reset: { ...reset, carryOverage: false } });
    await trackMessage(ctx, id, { value: units(10) });
  }
  setClock(START + 31 * DAY_MS + 60_000);
  calls = [];
}

/** The resets on record, by customer. */
async function resets(prefix: string): Promise<Record<string, number>> {
  const { rows } = await client.query(
    `SELECT c.id, count(l.seq)::int AS n FROM customers c
    LEFT JOIN ledger_entries l ON l.customer_key = c.customer_key AND l.kind = 'RESET'
    WHERE starts_with(c.id, $1) GROUP BY 1 ORDER BY 1`,
    [prefix],
  );
  return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
}

const versionOf = async (id: string) => {
  const { rows } = await client.query('SELECT version FROM customers WHERE id = $1', [id]);
  return rows[0]?.version;
};

describe('a sweep', () => {
  it('persists what is due, says so, and the next one writes nothing', async () => {
    await due('a1', 'a2', 'a3');
    const { lines, warnings } = await sweep({ store: test.store, sweeps: 2 });
    expect(warnings).toEqual([]);
    expect(lines).toEqual([
      {
        customers: 3,
        resets: 3,
        expiries: 0,
        reservations: 0,
        leftOut: 0,
        behindMs: 0,
        message: 'Persisted what had come due.',
      },
    ]);
    expect(await resets('a')).toEqual({ a1: 1, a2: 1, a3: 1 });
    const before = await versionOf('a1');
    await ctx.writeQueue.submit(new SweepCommand(customerScope(test.projectId, 'a1')));
    expect(await versionOf('a1')).toBe(before);
  });

  it('leaves out a customer that is locked, without waiting, and the call after that waits as always', async () => {
    await due('b1', 'b2');
    await client.query("BEGIN; SELECT FROM customers WHERE id = 'b1' FOR UPDATE");
    const swept = await sweep({ store: test.store, writeQueue: ctx.writeQueue });
    expect(swept.lines).toMatchObject([{ customers: 1, leftOut: 1 }]);
    expect(swept.warnings).toEqual([]);
    expect(await resets('b')).toEqual({ b1: 0, b2: 1 });
    // It was not locked again.
    expect(calls).not.toContain('transaction');
    const tracking = trackMessage(ctx, 'b1');
    await expect.poll(() => calls).toContain('transaction');
    await client.query('COMMIT');
    expect(await tracking).toMatchObject({ ok: true });
    expect(await resets('b')).toEqual({ b1: 1, b2: 1 });
  });

  it('takes no room in the cache, and what is cached stays current', async () => {
    await due('c1', 'c2');
    await trackMessage(ctx, 'c1');
    setClock(START + 62 * DAY_MS);
    ctx.writeQueue.accounts.delete(customerScope(test.projectId, 'c2').customerKey);
    await sweep({ store: test.store, writeQueue: ctx.writeQueue });
    calls = [];
    await trackMessage(ctx, 'c1');
    expect(calls).toEqual(['commit']);
    await trackMessage(ctx, 'c2');
    expect(calls).toEqual(['commit', 'load', 'commit']);
    expect(await resets('c')).toEqual({ c1: 2, c2: 2 });
  });

  it('reports a customer that cannot be decided once, and does not try it again', async () => {
    await due('d1', 'd2');
    await client.query(`UPDATE balances SET reset_time_zone = 'Mars/Olympus_Mons'
      WHERE customer_key = (SELECT customer_key FROM customers WHERE id = 'd1')`);
    const swept = await sweep({ store: test.store, sweeps: 3 });
    expect(swept.warnings).toMatchObject([
      {
        customerKey: customerScope(test.projectId, 'd1').customerKey,
        reason: expect.stringContaining('Mars/Olympus_Mons'),
      },
    ]);
    expect(swept.lines).toMatchObject([{ customers: 1, leftOut: 1 }]);
    expect(await resets('d')).toEqual({ d1: 0, d2: 1 });
    await client.query('UPDATE balances SET reset_time_zone = NULL');
    await sweep({ store: test.store });
  });
});

describe('one sweeper at a time', () => {
  it('keeps its turn while it rests, and another does nothing meanwhile', async () => {
    await due('e1');
    let others: Awaited<ReturnType<typeof sweep>> | undefined;
    await sweep({
      store: test.store,
      onRest: async () => {
        if (others !== undefined) return;
        others = await sweep({ store: test.store });
        // Nothing that waits for old snapshots waits for it.
        const { rows } = await client.query(
          `SELECT backend_xmin, backend_xid FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'`,
        );
        expect(rows).toEqual([{ backend_xmin: null, backend_xid: null }]);
      },
    });
    expect(others).toEqual({ lines: [], warnings: [], restsMs: [] });
    expect((await sweep({ store: test.store })).restsMs).toHaveLength(2);
  });

  it('goes on after its connection was lost', async () => {
    await due(...Array.from({ length: 12 }, (_, index) => `f${index}`));
    let lost = 0;
    const swept = await sweep({
      store: test.store,
      sweeps: 2,
      onRest: async () => {
        if (lost > 0) return;
        const { rows } = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'`,
        );
        lost += rows.length;
      },
    });
    expect(lost).toBe(1);
    expect(swept.warnings).toMatchObject([
      { message: 'What has come due could not be persisted.' },
    ]);
    expect(Object.values(await resets('f'))).toEqual(Array.from({ length: 12 }, () => 1));
  });
});

it('rests for nine tenths of the time', async () => {
  await due(...Array.from({ length: 5 }, (_, index) => `g${index}`));
  // Each look at the clock is a second later than the one before.
  let now = 0;
  const { restsMs } = await sweep({
    store: test.store,
    lanes: 4,
    monotonicMs: () => {
      now += 1_000;
      return now;
    },
  });
  // A second to find five customers and one to sweep them, four at once; a second to find no reservations, and one for nothing.
  expect(restsMs).toEqual([10 * (1_000 + 4 * 1_000) - 2_000, 10 * 1_000 - 2_000]);
});

it('finds what is due without reading the rest, whatever the planner knows of the tables', async () => {
  await due('h1');
  await client.query('SET session_replication_role = replica');
  await client.query(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, granted, overage_allowed, ledger_seq, created_at,
        expires_at)
      SELECT gen_random_uuid(), gen_random_uuid(), $1, 'messages', 10, false, 1, now(), now() + interval '100 years'
      FROM generate_series(1, 5000)`,
    [test.projectId],
  );
  const read = async () => {
    const { rows } = await client.query(
      `SELECT pg_stat_force_next_flush(), (SELECT coalesce(sum(idx_tup_read), 0)::int FROM pg_stat_user_indexes
        WHERE relname IN ('balances', 'reservations')) AS rows`,
    );
    return rows[0]?.rows;
  };
  const { url } = test.database;
  const { openStore } = await import('../../src/store/store.js');
  const before = await read();
  const other = openStore({
    address: { connectionString: url },
    poolMax: 2,
    readPoolMax: 1,
    acquireTimeoutMs: 20_000,
    statementTimeoutMs: 30_000,
    clockOffsetMs: () => START + 31 * DAY_MS + 60_000 - Date.now(),
    onIdleError: () => undefined,
  });
  for (let page = 0; page < 8; page += 1) {
    const cursor = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;
    const found = await other.sweeps.due('BALANCES', cursor, 8);
    expect(found.customers).toHaveLength(1);
    expect(found.overdueMs).toBeGreaterThanOrEqual(60_000);
    expect((await other.sweeps.due('RESERVATIONS', cursor, 8)).customers).toEqual([]);
  }
  await other.close();
  await expect.poll(async () => (await read()) - before).toBeGreaterThanOrEqual(8);
  expect((await read()) - before).toBeLessThan(200);
});
