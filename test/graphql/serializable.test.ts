/** A role whose transactions are SERIALIZABLE unless told: nobody hears of 40001 (faults.md, C9). */

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

it('under contention no client is told of a serialization failure', async () => {
  // A connection with nothing set has what the gateways would have.
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
    // Some write what the one-statement commit can't: transactions of several statements.
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
