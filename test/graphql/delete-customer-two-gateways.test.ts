/** A deletion ends what every other gateway has cached, at one instant between two calls. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways({
    features: [{ id: 'messages', type: 'CONSUMABLE', eventNames: [], creditCosts: {} }],
  });
});
afterAll(() => both.close());

const TRACK = `mutation ($input: BalancesTrackInput!) { answer: trackBalance(input: $input) {
  ... on TrackBalancePayload { event { id } } ... on Error { code }
} }`;

const DELETE = `mutation ($input: CustomersDeleteInput!) { answer: deleteCustomer(input: $input) {
  ... on DeleteCustomerPayload { complete } ... on Error { code }
} }`;

interface Answer {
  readonly answer: { readonly code?: string; readonly event?: object; readonly complete?: boolean };
}

const track = async (client: Client, customerId: string) => {
  const input = { customerId, featureId: 'messages', properties: { of: 'a person' } };
  return (await client.run<Answer>(TRACK, { input })).answer;
};

const remove = async (client: Client, customerId: string) =>
  (await client.run<Answer>(DELETE, { input: { customerId } })).answer;

async function customer(id: string): Promise<void> {
  await operations.createCustomer(both.clients[0], id);
  for (const client of both.clients) {
    const input = { customerId: id, featureId: 'messages', granted: 50 };
    await client.run(
      'mutation ($input: BalancesCreateInput!) { createBalance(input: $input) { __typename } }',
      { input },
    );
    expect(await track(client, id)).toMatchObject({ event: {} });
  }
}

it('the other gateway, which has it cached, finds nothing', async () => {
  await customer('cached');
  const [left, right] = both.clients;
  expect(await remove(left, 'cached')).toEqual({ complete: true });
  for (const client of [right, left]) {
    expect(await track(client, 'cached')).toEqual({ code: 'CUSTOMER_NOT_FOUND' });
  }
});

it('among calls at once, it takes place between two: no usage is lost, and none comes after it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const id = `round${round}`;
    await customer(id);
    const calls = Array.from({ length: 40 }, (_, n) =>
      track(both.clients[n % 2 === 0 ? 0 : 1], id),
    );
    const deletions = both.clients.map((client) => remove(client, id));
    const tracked = await Promise.all(calls);
    expect(await Promise.all(deletions)).toEqual([{ complete: true }, { complete: true }]);
    const accepted = tracked.filter(({ event }) => event !== undefined).length;
    expect(tracked.filter(({ code }) => code === 'CUSTOMER_NOT_FOUND')).toHaveLength(40 - accepted);
    const [stored] = await both.sql(
      `SELECT count(*)::int AS events, count(properties)::int AS with_properties FROM events
        WHERE customer_key = (SELECT customer_key FROM customers ORDER BY deleted_at DESC NULLS LAST LIMIT 1)`,
    );
    expect(stored).toEqual({ events: accepted + 2, with_properties: 0 });
  }
  expect(await both.audit()).toEqual([]);
  expect(await both.deadlocks()).toBe(0);
});
