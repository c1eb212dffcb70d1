/** Amounts are rounded to the stored decimals and added exactly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'other' }],
    balances: [],
  });
});
afterAll(() => gateway.close());

describe('the errors of sums of doubles are rounded away in every amount', () => {
  it.each([
    ['granted', '0.3', '"granted":0.30000000000000004'],
    ['overage_limit', '25', '"granted":1,"overageAllowed":true,"overageLimit":25.000000000000004'],
    ['rollover_max', '7', '"granted":1,"resetInterval":"DAY","rollover":{"max":7.000000000000001}'],
  ])('%s of a balance is %s', async (column, stored, fields) => {
    const query = `mutation ($input: BalancesCreateInput!) { createBalance(input: $input) {
      ... on CreateBalancePayload { replayed } ... on Error { message } } }`;
    const input = `{"customerId":"other","featureId":"messages","idempotencyKey":"${column}",${fields}}`;
    const body = `{"query":${JSON.stringify(query)},"variables":{"input":${input}}}`;
    const answer = JSON.parse(await (await gateway.send({ body })).text());
    expect(answer).toEqual({ data: { createBalance: { replayed: false } } });
    const rows = await gateway.sql(
      `SELECT trim_scale(${column})::text AS value FROM balances ORDER BY id DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ value: stored }]);
  });
});

describe('a thousand tenths', () => {
  it.each([1_000, 333, 10])('in lists of %i add up to exactly a hundred', async (size) => {
    const customerId = `tenths-${size}`;
    const balances = [{ customerId, featureId: 'messages', granted: 1_000 }];
    await setUp(gateway, { features: [], customers: [{ customerId }], balances });
    const tenth = { customerId, featureId: 'messages', value: 0.1 };
    const query = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { ... on TrackBalancePayload { value } } }`;
    for (let sent = 0; sent < 1_000; sent += size) {
      const inputs = Array(Math.min(size, 1_000 - sent)).fill(tenth);
      const { data } = await gateway.execute(query, { inputs });
      expect(data.trackBalances).toEqual(inputs.map(() => ({ value: 0.1 })));
    }
    const { data } = await gateway.execute(`{ customer(customerId: "${customerId}") {
      balance(featureId: "messages") { remaining usage } } }`);
    expect(data.customer.balance).toEqual({ remaining: 900, usage: 100 });
    const rows = await gateway.sql(
      `SELECT trim_scale(b.used)::text AS used, trim_scale(sum(e.value))::text AS tracked
        FROM customers c JOIN balances b USING (customer_key) JOIN events e USING (customer_key)
        WHERE c.id = $1 GROUP BY b.used`,
      [customerId],
    );
    expect(rows).toEqual([{ used: '100', tracked: '100' }]);
  });
});
