/** A statement returns a limited number of balances, all or none of each customer's, and none is lost. */

import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { readFeatureBalance } from '../../src/meter/read/balance.js';
import { createAccountCache } from '../../src/meter/write/account-cache.js';
import { ROWS_MAX } from '../../src/store/standings.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { answersOf, readQueueOn } from '../support/meter/read-queue.js';

let test: TestStore;
let client: pg.Client;
let customers = 0;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  await client.query(
    `INSERT INTO features (project_id, id, name, type) VALUES ($1, 'messages', 'm', 'CONSUMABLE')`,
    [test.projectId],
  );
});
afterAll(async () => {
  await client.end();
  await test.close();
});

/** A customer with this many balances of 1. */
async function customerWith(balances: number): Promise<string> {
  customers += 1;
  const id = `c${customers}`;
  const { customerKey } = customerScope(test.projectId, id);
  await client.query('INSERT INTO customers (customer_key, project_id, id) VALUES ($1, $2, $3)', [
    customerKey,
    test.projectId,
    id,
  ]);
  await client.query(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, granted, overage_allowed,
        ledger_seq, created_at)
      SELECT $1, gen_random_uuid(), $2, 'messages', 1, false, 1, now() FROM generate_series(1, $3)`,
    [customerKey, test.projectId, balances],
  );
  return customerKey;
}

/** All balances of the customers that fit, none of the others. */
const FULL = ROWS_MAX / 1_000;

it.each<[string, number[], (number | null)[]]>([
  ['as many as fit', Array(FULL).fill(1_000), Array(FULL).fill(1_000)],
  ['one too many', [...Array(FULL).fill(1_000), 1], [...Array(FULL).fill(1_000), null]],
  ['one that would fit in part', [4_999, 3, 1], [4_999, null, null]],
  ['one that has none between others', [3_000, 0, 2_000], [3_000, 0, 2_000]],
  ['one that alone has too many', [ROWS_MAX + 7, 1], [ROWS_MAX + 7, null]],
  ['one that alone has too many, later', [0, 2, ROWS_MAX + 7], [0, 2, null]],
])('%s', async (_what, held, expected) => {
  const keys: string[] = [];
  for (const balances of held) keys.push(await customerWith(balances));
  const addresses = keys.map((customerKey) => ({ customerKey, entityId: null, known: null }));
  const found = await answersOf(test.store.reads).standings(test.projectId, addresses);
  expect(found.map((one) => one && (one.account?.balances.length ?? null))).toEqual(expected);
  // As verbs read them: all balances, in any number of statements.
  const ctx = {
    caller: { projectId: test.projectId, scopes: EVERY_SCOPE },
    readQueue: readQueueOn(test.store),
    execution: { stopped: null },
    writeQueue: { accounts: createAccountCache({ balancesMax: 0 }) },
  };
  const all = await Promise.all(keys.map((key) => readFeatureBalance(ctx, key, null, 'messages')));
  expect(all.map((one) => one?.breakdown.length ?? 0)).toEqual(held);
});
