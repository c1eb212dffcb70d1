/** A balance that only a newer release can read affects no other customer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

describe('rolled-over amounts in the form of a later release', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    // Customers on different lanes would be read separately.
    gateway = await startTestGateway({ lanes: 1 });
    await setUp(gateway, {
      features: [{ featureId: 'messages' }],
      customers: [{ customerId: 'ahead' }, { customerId: 'beside' }],
      balances: ['ahead', 'beside'].map((customerId) => ({
        customerId,
        featureId: 'messages',
        granted: 5,
        resetInterval: 'DAY',
        rollover: {},
      })),
    });
    // Both have changed, so neither is taken from the cache: they are read in one statement.
    await gateway.sql(`WITH changed AS (UPDATE customers SET version = version + 1
        RETURNING customer_key, id)
      UPDATE balances SET rollovers = '[{"v":99,"amount":"1"}]' FROM changed
      WHERE balances.customer_key = changed.customer_key AND changed.id = 'ahead'`);
  });
  afterAll(() => gateway.close());

  const UNREADABLE = { extensions: { code: 'RESULT_UNREADABLE' } };

  it('do not affect the other items of a batch', async () => {
    const inputs = ['beside', 'ahead', 'beside'].map((customerId) => ({
      customerId,
      featureId: 'messages',
    }));
    const query = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { __typename } }`;
    for (let time = 0; time < 2; time += 1) {
      const { data, errors } = await gateway.execute(query, { inputs });
      const done = { __typename: 'TrackBalancePayload' };
      expect(data).toEqual({ trackBalances: [done, null, done] });
      expect(errors).toMatchObject([{ ...UNREADABLE, path: ['trackBalances', 1] }]);
    }
  });

  it('do not affect checks of other customers', async () => {
    const inputs = ['beside', 'ahead', 'beside', 'ahead'].map((customerId) => ({
      customerId,
      featureId: 'messages',
    }));
    const query = `query ($inputs: [BalancesCheckInput!]!) {
      checkBalances(inputs: $inputs) { __typename } }`;
    const { data, errors } = await gateway.execute(query, { inputs });
    const done = { __typename: 'CheckBalancePayload' };
    expect(data).toEqual({ checkBalances: [done, null, done, null] });
    expect(errors).toMatchObject([
      { ...UNREADABLE, path: ['checkBalances', 1] },
      { ...UNREADABLE, path: ['checkBalances', 3] },
    ]);
  });

  it('do not affect grants to other customers', async () => {
    const grant = (customerId: string) =>
      gateway.execute(
        `mutation { createBalance(input: { customerId: "${customerId}", featureId: "messages",
          granted: 1 }) { __typename } }`,
      );
    const [ahead, beside] = await Promise.all([grant('ahead'), grant('beside')]);
    expect(ahead.errors).toMatchObject([UNREADABLE]);
    expect(beside.errors).toEqual([]);
  });

  it('do not affect reads of other customers', async () => {
    const usage = (id: string) => `customer(customerId: "${id}") { balances { usage } }`;
    const { data, errors } = await gateway.execute(
      `{ a: ${usage('beside')} b: ${usage('ahead')} }`,
    );
    expect(data).toMatchObject({ a: { balances: [{ usage: 4 }] } });
    expect(errors).toMatchObject([{ ...UNREADABLE, path: ['b', 'balances'] }]);
  });
});
