/** A gateway that sweeps can be killed at any moment: what it has not persisted is persisted by another one, once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCustomer } from '../../src/meter/customer.js';
import { createFeature } from '../../src/meter/feature.js';
import { withClient } from '../support/database/connections.js';
import { damagesOf } from '../support/database/project.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { startTollgate } from '../support/gateway/gateway-process.js';
import { startWorkers } from '../support/gateway/workers.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

const CUSTOMERS = 30;
const WEEKS = 5;
/** On a busy machine, every step takes longer, and the rest after it ten times as long. */
const PATIENCE = { timeout: 280_000 } as const;
const DAY_MS = 86_400_000;

let test: TestStore;

beforeAll(async () => {
  test = await createStore();
  // Five weeks ago, and a day.
  test.setClockOffset(-(7 * WEEKS + 1) * DAY_MS);
  const ctx = verbContext(test.store, test.projectId);
  await createFeature(ctx, {
    id: 'messages',
    name: 'messages',
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
  });
  const weekly = {
    interval: { unit: 'WEEK', count: 1 },
    anchor: Date.now() - (7 * WEEKS + 2) * DAY_MS,
    timeZone: null,
    rollover: null,
    carryOverage: false,
  } as const;
  await Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, index) => {
      const id = `customer${index}`;
      await createCustomer(ctx, { id, name: null, email: null, metadata: {} });
      await grantMessages(ctx, id, null, { reset: weekly });
      await trackMessage(ctx, id);
    }),
  );
});

afterAll(() => test.close());

const resets = async (): Promise<number> =>
  withClient(test.database.url, async (client) => {
    const { rows } = await client.query(
      `SELECT count(*)::int AS n FROM ledger_entries WHERE kind = 'RESET'`,
    );
    return rows[0]?.n;
  });

it('nothing that is due is lost or persisted twice', { timeout: 600_000 }, async () => {
  const settings = { DATABASE_URL: test.database.url, SWEEP: 'on', LANES: '1' };
  const tollgate = await startTollgate(settings);
  await expect.poll(resets, PATIENCE).toBeGreaterThan(0);
  await tollgate.kill();
  // Its two workers take turns.
  const workers = await startWorkers(settings);
  await expect.poll(resets, PATIENCE).toBe(CUSTOMERS * WEEKS);
  expect(await workers.stop()).toBe(0);

  const periods = await withClient(test.database.url, (client) =>
    client.query(
      `SELECT count(*)::int AS resets, count(DISTINCT effective_at)::int AS periods, min(used_after)::int AS used
      FROM ledger_entries WHERE kind = 'RESET' GROUP BY balance_id`,
    ),
  );
  expect(periods.rows).toEqual(
    Array.from({ length: CUSTOMERS }, () => ({ resets: WEEKS, periods: WEEKS, used: 0 })),
  );
  expect(await damagesOf({ connectionString: test.database.url })).toEqual([]);
});
