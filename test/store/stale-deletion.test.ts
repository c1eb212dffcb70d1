/** A deletion whose decision is out of date by its commit is decided again, and not half done. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCustomer } from '../../src/meter/customer.js';
import { deleteCustomer } from '../../src/meter/delete-customer.js';
import { createFeature } from '../../src/meter/feature.js';
import type { VerbContext } from '../../src/meter/verb.js';
import type { Transaction } from '../../src/meter/write/write-path.js';
import { withClient } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { grantMessages, verbContext } from '../support/meter/verb-context.js';

let test: TestStore;
let ctx: VerbContext;

beforeAll(async () => {
  test = await createStore();
  ctx = verbContext(test.store, test.projectId);
  const messages = { id: 'messages', name: 'M', type: 'CONSUMABLE' } as const;
  await createFeature(ctx, { ...messages, eventNames: [], creditCosts: [] });
});
afterAll(() => test.close());

/** Changes the catalogue between the decision and the commit of each of the first attempts. */
function disturbed(times: number): VerbContext {
  let left = times;
  const load: (transaction: Transaction) => Transaction['load'] =
    (transaction) =>
    async (...wanted) => {
      const loaded = await transaction.load(...wanted);
      if (left > 0) {
        left -= 1;
        await withClient(test.database.url, (client) =>
          client.query('UPDATE projects SET catalog_version = catalog_version + 1'),
        );
      }
      return loaded;
    };
  const transaction: VerbContext['store']['transaction'] = (customerKey, run) =>
    test.store.transaction(customerKey, (real) => run({ ...real, load: load(real) }));
  return { ...ctx, store: { ...test.store, transaction } };
}

async function rowsOf(id: string) {
  const { rows } = await withClient(test.database.url, (client) =>
    client.query(
      `SELECT deleted_at IS NOT NULL AS deleted, expired_at IS NOT NULL AS ended,
        (SELECT count(*)::int FROM ledger_entries e
          WHERE e.customer_key = c.customer_key AND kind = 'EXPIRE') AS entries
      FROM customers c JOIN balances b USING (customer_key) WHERE c.name = $1 OR c.id LIKE $2`,
      [id, 'deleted:%'],
    ),
  );
  return rows;
}

it.each([
  [4, 'done'],
  [5, 'WRITE_CONTENTION'],
])('after %i changes of the catalogue meanwhile: %s', async (times, expected) => {
  await withClient(test.database.url, (client) => client.query('TRUNCATE customers, balances'));
  const id = `after-${times}`;
  await createCustomer(ctx, { id, name: id, email: null, metadata: {} });
  await grantMessages(ctx, id);
  const outcome = await deleteCustomer(disturbed(times), { customerId: id }).then(
    ({ ok }) => (ok ? 'done' : 'refused'),
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
  expect(outcome).toBe(expected);
  const isDone = expected === 'done';
  expect(await rowsOf(id)).toEqual([{ deleted: isDone, ended: isDone, entries: isDone ? 1 : 0 }]);
});
