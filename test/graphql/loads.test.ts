/** An answer costs one read per kind of object, however long its lists are. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
const reads: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({ onRead: (method) => reads.push(method) });
  const customers = ['a', 'b', 'c', 'd', 'e'].map((customerId) => ({
    customerId,
    entities: ['seat'],
  }));
  await setUp(gateway, {
    features: [{ featureId: 'messages' }, { featureId: 'words' }],
    customers,
    balances: customers.flatMap(({ customerId }) => [
      { customerId, featureId: 'messages', granted: 10 },
      { customerId, featureId: 'words', granted: 10, entityId: 'seat' },
    ]),
  });
  for (const { customerId } of customers) await gateway.execute(track('messages'), { customerId });
});
afterAll(() => gateway.close());
beforeEach(() => {
  reads.length = 0;
});

function track(featureId: string, selection = '__typename'): string {
  return `mutation ($customerId: String! = "a") {
    trackBalance(input: { customerId: $customerId, featureId: "${featureId}", entityId: "seat" }) {
      ... on TrackBalancePayload { ${selection} }
    }
  }`;
}

async function readsOf(query: string): Promise<string[]> {
  const { errors } = await gateway.execute(query);
  expect(errors).toEqual([]);
  return reads.toSorted();
}

describe('trackBalance', () => {
  it('reads nothing for fields that it knows already', async () => {
    const selection = `
      event {
        id value properties occurredAt recordedAt customer { id customerId } entity { entityId }
        feature { id featureId }
        deductions { amount feature { featureId } balance { id used customer { customerId } } }
      }
      customer { id customerId }
      entity { id entityId customer { id } }
      balance { granted feature { featureId } breakdown { id remaining entity { entityId } } }
      balances { remaining usage overage feature { id featureId } breakdown { id } }
      deductions { amount balance { id remaining } feature { featureId } }
      unapplied { amount feature { featureId } }
    `;
    expect(await readsOf(track('words', selection))).toEqual([]);
  });

  it('reads the objects whose fields it does not know', async () => {
    const selection = 'customer { name email } balance { feature { name type } }';
    expect(await readsOf(track('words', selection))).toEqual(['customers', 'features']);
  });
});

describe('a list', () => {
  it.each([
    [
      'of customers',
      '{ customers { edges { node { name balances { usage } } } } }',
      ['customerPages', 'standings'],
    ],
    [
      'of customers with their balances and features',
      `{ customers { edges { node {
        balance(featureId: "words") { usage feature { name } }
        balances { feature { name type } breakdown { customer { name } feature { name } } }
      } } } }`,
      ['customerPages', 'features', 'standings'],
    ],
    [
      'of events with their customers and features',
      '{ events { edges { node { customer { name customerId } feature { name } } } } }',
      ['customers', 'eventPages', 'features'],
    ],
    ['of features', '{ features { edges { node { name eventNames } } } }', ['featurePages']],
  ])('%s costs one read of each kind', async (_what, query, expected) => {
    expect(await readsOf(query)).toEqual(expected);
  });
});

it('a mutation reads what the one before it has written', async () => {
  const query = `mutation {
    ${['x', 'y']
      .map(
        (name) => `
      ${name}: trackBalance(input: { customerId: "b", featureId: "messages" }) {
        ... on TrackBalancePayload { customer { balance(featureId: "messages") { usage } } }
      }`,
      )
      .join('')}
  }`;
  const { data } = await gateway.execute(query);
  const { x, y } = data;
  expect(y.customer.balance.usage - x.customer.balance.usage).toBe(1);
});
