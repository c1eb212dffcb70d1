/** A customer that is created between the statements of a load does not exist yet for that load, and is not locked elsewhere. */
import { expect, it } from 'vitest';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { openDatabase } from '../../src/store/database.js';
import { lockAndLoad } from '../../src/store/load.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { type RawClient, rawClient } from '../../src/store/raw.js';
import { createStore } from '../support/database/store.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { verbContext } from '../support/meter/verb-context.js';

it.each([
  ['waits for locks', false, 0],
  ['skips what is locked', true, 1],
])('a load that %s', async (_what, skipLocked, lockedElsewhere) => {
  const test = await createStore();
  const ctx = verbContext(test.store, test.projectId);
  const database = openDatabase({
    address: { connectionString: test.database.url },
    poolMax: 1,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  const raw = rawClient(database.prisma, PLACE_0);
  let statements = 0;
  const client: RawClient = {
    ...raw,
    row: async (sql, ...values) => {
      statements += 1;
      if (statements === 2) {
        await createCustomer(ctx, { id: 'c', name: null, email: null, metadata: {} });
      }
      return raw.row(sql, ...values);
    },
  };
  const request = {
    ...customerScope(test.projectId, 'c'),
    entityIds: [],
    idempotencyKeys: [],
  };
  const loaded = await lockAndLoad(client, [request], { skipLocked, clockOffsetMs: 0 });
  expect(statements).toBe(2);
  expect(loaded.lockedElsewhere.size).toBe(lockedElsewhere);
  expect(loaded.accounts.size).toBe(lockedElsewhere);
  await database.close();
  await test.close();
});
