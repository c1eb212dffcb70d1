/** Batches lock customers in one order, whatever the order of their calls, so they cannot deadlock. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import { createEntity } from '../../src/meter/entity.js';
import type { WritePath } from '../../src/meter/write/write-path.js';
import { openPool } from '../support/database/connections.js';
import {
  HOLD_CUSTOMER,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { verbContext } from '../support/meter/verb-context.js';
import { type Random, randomOf, seedOf } from '../support/random/random.js';

/** Enough for the plan by key to be the best, and for the statistics to show it. */
const CUSTOMERS = 5_000;
const BATCH = 60;

let test: TestStore;
let otherSessions: OtherSessions;
const random = randomOf(seedOf('lock order'));

beforeAll(async () => {
  test = await createStore();
  const pool = openPool(test.database.url, 1);
  const ids = Array.from({ length: CUSTOMERS }, (_, index) => `c${index}`);
  const keys = ids.map((id) => customerScope(test.projectId, id).customerKey);
  // The keys are hashes, so this order is unrelated to theirs.
  await pool.query(
    `INSERT INTO customers (customer_key, project_id, id)
      SELECT key, $3, id FROM unnest($1::uuid[], $2::text[]) AS t(key, id)`,
    [keys, ids, test.projectId],
  );
  await pool.query('ANALYZE customers');
});

afterAll(() => test.close());

beforeEach(() => {
  otherSessions = openOtherSessions(test.database.url);
});
afterEach(() => otherSessions.close());

/** Random customers, in an order unrelated to that of their keys. */
function someCustomers(random: Random): string[] {
  const numbers = new Set<number>();
  while (numbers.size < BATCH) numbers.add(random.whole(0, CUSTOMERS - 1));
  return [...numbers].map((number) => `c${number}`);
}

const keyOf = (id: string) => customerScope(test.projectId, id).customerKey;

const byKey = (ids: readonly string[]) =>
  ids.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));

/** Those of the customers that are not locked. */
async function unlockedOf(ids: readonly string[]): Promise<string[]> {
  const [row] = await otherSessions.rows<{ ids: string[] | null }>(
    `SELECT array_agg(id) AS ids FROM (SELECT id FROM customers
      WHERE customer_key = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED) AS unlocked`,
    [ids.map(keyOf)],
  );
  return row?.ids ?? [];
}

describe('a batch that waits for the lock of a customer has locked', () => {
  it.each([0, 1, BATCH / 2, BATCH - 2, BATCH - 1])('the %i with smaller keys', async (place) => {
    const ids = someCustomers(random);
    const ordered = byKey(ids);
    const release = await otherSessions.hold(HOLD_CUSTOMER, [ordered[place]]);
    const requests = ids.map((id) => ({
      ...customerScope(test.projectId, id),
      entityIds: [],
      idempotencyKeys: [],
    }));
    const loaded = test.store.transaction(requests[0]?.customerKey ?? '', (transaction) =>
      transaction.load(requests, { skipLocked: false }),
    );
    await otherSessions.untilWaiting(1);
    expect(byKey(await unlockedOf(ids))).toEqual(ordered.slice(place + 1));
    await release();
    expect((await loaded).accounts.size).toBe(BATCH);
  });
});

it('batches with the same customers in opposite orders wait for each other once, and none is aborted', async () => {
  let transactions = 0;
  const transaction: WritePath['transaction'] = (customerKey, run) =>
    test.store.transaction(customerKey, (within) => {
      transactions += 1;
      return run(within);
    });
  const ids = someCustomers(random);
  const batch = (order: readonly string[], seat: string) => {
    const ctx = verbContext({ ...test.store, transaction }, test.projectId);
    const entity = { id: seat, name: null, metadata: {} };
    return order.map((customerId) => createEntity(ctx, { customerId, entity }));
  };
  const release = await otherSessions.hold(HOLD_CUSTOMER, [ids[BATCH / 2]]);
  // If they locked in the order of their calls, each would lock what the other one waits for.
  const created = [...batch(ids, 'left'), ...batch(ids.toReversed(), 'right')];
  await otherSessions.untilWaiting(2);
  await release();
  for (const answer of await Promise.all(created)) expect(answer.ok).toBe(true);
  // A transaction that PostgreSQL aborted would have been tried again.
  expect(transactions).toBe(2);
});
