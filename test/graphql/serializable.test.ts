/** With a role whose transactions are SERIALIZABLE by default, no client sees error 40001. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways({ defaultIsolation: 'serializable' });
});

afterAll(() => both.close());

it('no client sees a serialization failure under contention', async () => {
  // A connection without settings of its own shows what the gateways start from.
  const plain = await connect(both.databaseUrl);
  const { rows } = await plain.query('SHOW default_transaction_isolation');
  await plain.end();
  expect(rows).toEqual([{ default_transaction_isolation: 'serializable' }]);

  const [left, right] = both.clients;
  const ids = ['ada', 'ben', 'cleo'];
  for (const id of ids) {
    await operations.createCustomer(left, id);
    await operations.grant(right, id, oneOff('messages', 1_000));
  }
  const calls = Array.from({ length: 300 }, async (_, index) => {
    const client = index % 2 === 0 ? left : right;
    const id = ids[index % ids.length] ?? '';
    // Some calls need transactions of several statements instead of the one-statement commit.
    if (index % 10 === 0) await operations.createEntity(client, id, `seat${index}`);
    return operations.track(client, id, { featureId: 'messages', value: 1.5 });
  });
  const answers = await Promise.all(calls);
  expect(answers.every(operations.wasTracked)).toBe(true);
  for (const id of ids) {
    const seen = await operations.look(left, id, 'messages', null);
    expect(seen).toMatchObject({ usage: 150, remaining: 850 });
  }
  expect(await both.audit()).toEqual([]);
});
