/** Checks over HTTP (R19 to R22): what they answer, who may ask, and that they see what was acknowledged. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages', eventNames: ['sent'] },
      { featureId: 'words', eventNames: ['sent'] },
      { featureId: 'sso', type: 'BOOLEAN' },
      { featureId: 'beta', type: 'BOOLEAN' },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [{ featureId: 'messages', cost: 0.2 }],
      },
    ],
    customers: [
      { customerId: 'acme', entities: ['seat', 'desk'] },
      { customerId: 'plain' },
      { customerId: 'other' },
    ],
    balances: [
      { customerId: 'acme', featureId: 'messages', granted: 10 },
      { customerId: 'acme', featureId: 'messages', granted: 5, entityId: 'seat' },
      { customerId: 'acme', featureId: 'credits', granted: 100 },
      { customerId: 'acme', featureId: 'sso' },
      { customerId: 'plain', featureId: 'words', granted: 3, expiresAt: '2999-01-01T00:00:00Z' },
      { customerId: 'other', featureId: 'words', granted: 9 },
    ],
  });
});
afterAll(() => gateway.close());

const ANSWER = `__typename
  ... on Error { code }
  ... on CheckBalancePayload {
    allowed requiredBalance reason largestAllowed nextChangeAt
    balance { feature { featureId } remaining }
    missing { amount feature { featureId } }
  }`;

async function run(document: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await gateway.execute(document, variables);
  expect(errors).toEqual([]);
  return data;
}

async function checked(input: object) {
  const document = `query ($input: BalancesCheckInput!) { checkBalance(input: $input) { ${ANSWER} } }`;
  return (await run(document, { input })).checkBalance;
}

const ACME = { customerId: 'acme', featureId: 'messages' };
const of = (featureId: string, remaining: number) => ({ feature: { featureId }, remaining });

describe('the answer', () => {
  it.each<[string, object, object]>([
    [
      'judges on the own feature that pays for all of it',
      { ...ACME, requiredBalance: 10 },
      {
        allowed: true,
        requiredBalance: 10,
        balance: of('messages', 15),
        reason: null,
        missing: [],
      },
    ],
    [
      'judges on the credit system that has to pay for the rest, in its units',
      { ...ACME, requiredBalance: 25 },
      { allowed: true, requiredBalance: 5, balance: of('credits', 100), largestAllowed: null },
    ],
    [
      'requires 1 by default, and counts what the entity has',
      { ...ACME, entityId: 'seat', requiredBalance: 515.0000000001 },
      {
        allowed: true,
        requiredBalance: 103,
      },
    ],
    [
      'tells what is missing, and the largest value that is allowed',
      { ...ACME, requiredBalance: 520 },
      {
        allowed: false,
        requiredBalance: 104,
        reason: 'INSUFFICIENT_BALANCE',
        balance: of('credits', 100),
        missing: [{ amount: 2, feature: { featureId: 'credits' } }],
        largestAllowed: 510.0000000002,
        nextChangeAt: null,
      },
    ],
    [
      'of a feature that is not held',
      { customerId: 'plain', featureId: 'messages' },
      { allowed: false, reason: 'NOT_HELD', balance: null, largestAllowed: null },
    ],
    [
      'of 0, which asks whether it is held',
      { customerId: 'plain', featureId: 'messages', requiredBalance: 0 },
      { allowed: false, reason: 'NOT_HELD' },
    ],
    [
      'of 0 of what is held',
      { customerId: 'plain', featureId: 'words', requiredBalance: 0 },
      { allowed: true, balance: of('words', 3), nextChangeAt: '2999-01-01T00:00:00.000Z' },
    ],
    [
      'of a flag that is held, whatever is required',
      { customerId: 'acme', featureId: 'sso', requiredBalance: 1e9 },
      { allowed: true },
    ],
    [
      'of a flag that is not held',
      { customerId: 'acme', featureId: 'beta' },
      {
        allowed: false,
        reason: 'NOT_HELD',
        missing: [{ amount: 0, feature: { featureId: 'beta' } }],
      },
    ],
    [
      'of an event name, whose features must all allow it',
      { customerId: 'plain', eventName: 'sent' },
      { allowed: false, reason: 'NOT_HELD' },
    ],
    ['of an unknown customer', { ...ACME, customerId: 'x' }, { code: 'CUSTOMER_NOT_FOUND' }],
    ['of an unknown entity', { ...ACME, entityId: 'x' }, { code: 'ENTITY_NOT_FOUND' }],
    ['of an unknown feature', { ...ACME, featureId: 'x' }, { code: 'FEATURE_NOT_FOUND' }],
    [
      'of an unknown event name',
      { customerId: 'acme', eventName: 'x' },
      { code: 'EVENT_NAME_NOT_FOUND' },
    ],
    ['of less than nothing', { ...ACME, requiredBalance: -1 }, { code: 'INVALID_INPUT' }],
    ['of a feature and an event name', { ...ACME, eventName: 'sent' }, { code: 'INVALID_INPUT' }],
    ['of neither', { customerId: 'acme' }, { code: 'INVALID_INPUT' }],
    ['of properties that are a list', { ...ACME, properties: [] }, { code: 'INVALID_INPUT' }],
  ])('%s', async (_, input, expected) => {
    expect(await checked(input)).toMatchObject(expected);
  });

  it('is the same from a list, in its order, and from the customer and the entity', async () => {
    const inputs = [
      { ...ACME, requiredBalance: 520 },
      { ...ACME, customerId: 'x' },
      { ...ACME, entityId: 'seat', requiredBalance: 520 },
      { ...ACME, requiredBalance: -1 },
    ];
    const one = await Promise.all(inputs.map(checked));
    const { checkBalances, customer } = await run(
      `query ($inputs: [BalancesCheckInput!]!) {
        checkBalances(inputs: $inputs) { ${ANSWER} }
        customer(customerId: "acme") {
          check(featureId: "messages", requiredBalance: 520) { ${ANSWER} }
          entity(entityId: "seat") { check(featureId: "messages", requiredBalance: 520) { ${ANSWER} } }
          invalid: check(requiredBalance: 1) { __typename }
        }
      }`,
      { inputs },
    );
    expect(checkBalances).toEqual(one);
    expect(customer).toEqual({
      check: one[0],
      entity: { check: one[2] },
      invalid: { __typename: 'InvalidInputError' },
    });
  });
});

describe('a refused trackBalance', () => {
  it.each(['123456789.1234567891', '7.0000000001', '999999999999999.9999999999'])(
    'of %s that are granted tells the largest value so that it is accepted when it is sent',
    async (granted) => {
      const customerId = `many-${granted}`;
      await run(
        `mutation ($id: String!) {
          createCustomer(input: { customerId: $id }) { __typename }
          createBalance(input: { customerId: $id, featureId: "words", granted: ${granted} }) { __typename }
        }`,
        { id: customerId },
      );
      const input = { customerId, featureId: 'words', value: 1e15, overageBehavior: 'REJECT' };
      const document = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
        __typename ... on InsufficientBalanceError { largestAllowed }
      } }`;
      const { largestAllowed } = (await run(document, { input })).trackBalance;
      const check = { customerId, featureId: 'words', requiredBalance: 1e15 };
      expect(await checked(check)).toMatchObject({ allowed: false, largestAllowed });
      const again = await run(document, { input: { ...input, value: largestAllowed } });
      expect(again.trackBalance).toEqual({ __typename: 'TrackBalancePayload' });
    },
  );

  it('says the same as a check, and again when it is repeated', async () => {
    const input = {
      ...ACME,
      value: 520,
      overageBehavior: 'REJECT',
      idempotencyKey: 'refused',
    };
    const document = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
      ... on InsufficientBalanceError { reason largestAllowed nextChangeAt missing { amount } replayed }
    } }`;
    const told = {
      reason: 'INSUFFICIENT_BALANCE',
      largestAllowed: 510.0000000002,
      nextChangeAt: null,
      missing: [{ amount: 2 }],
    };
    const first = await run(document, { input });
    expect(first.trackBalance).toEqual({ ...told, replayed: false });
    expect((await run(document, { input })).trackBalance).toEqual({ ...told, replayed: true });
    // As releases without these fields stored it.
    await gateway.sql(
      `UPDATE idempotency_keys SET outcome = (outcome::jsonb - 'why')::json WHERE key = 'refused'`,
    );
    expect((await run(document, { input })).trackBalance).toEqual({
      reason: null,
      largestAllowed: null,
      nextChangeAt: null,
      missing: [{ amount: 2 }],
      replayed: true,
    });
  });
});

const kindOf = (text: string) => (text.includes('c.known') ? 'standings' : text);

describe('the statements of checks', () => {
  const document = `query ($inputs: [BalancesCheckInput!]!) {
    checkBalances(inputs: $inputs) { ... on CheckBalancePayload { requiredBalance } }
  }`;
  const inputsOf = (count: number, input: (n: number) => object) =>
    Array.from({ length: count }, (_, n) => ({ ...input(n), requiredBalance: n }));
  const few = inputsOf(1_000, (n) => ({
    featureId: 'words',
    customerId: ['acme', 'plain', 'other'][n % 3],
    ...(n % 3 === 0 && n % 2 === 0 ? { entityId: n % 4 === 0 ? 'seat' : 'desk' } : {}),
  }));
  const FEATURES = Array.from({ length: 10 }, (_, n) => `feature_${n}`);
  const CUSTOMERS = Array.from({ length: 100 }, (_, n) => `customer_${n}`);

  beforeAll(() =>
    setUp(gateway, {
      features: FEATURES.map((featureId) => ({ featureId })),
      customers: CUSTOMERS.map((customerId) => ({ customerId })),
      balances: CUSTOMERS.map((customerId) => ({ customerId, featureId: 'feature_0', granted: 5 })),
    }),
  );

  it.each([
    ['three customers and some entities', few],
    ['one customer', inputsOf(1_000, () => ({ customerId: 'other', featureId: 'words' }))],
    [
      'a hundred customers, ten features of each',
      inputsOf(1_000, (n) => ({
        customerId: CUSTOMERS[n % 100],
        featureId: FEATURES[Math.floor(n / 100)],
      })),
    ],
  ])('are as many for a thousand of %s as for one, cached or not', async (_, inputs) => {
    // None of what is cached is the customers' version.
    await gateway.sql('UPDATE customers SET version = version + 1');
    const queries = vi.spyOn(pg.Pool.prototype, 'query');
    await run(document, { inputs });
    for (const count of [1, 1_000]) {
      queries.mockClear();
      const { checkBalances } = await run(document, { inputs: inputs.slice(0, count) });
      const asked = inputs.slice(0, count).map(({ requiredBalance }) => ({ requiredBalance }));
      expect(checkBalances).toEqual(asked);
      const texts = queries.mock.calls.map(([query]) => JSON.stringify(query));
      // Whether the key is still valid is another matter.
      expect(texts.filter((text) => !text.includes('api_keys')).map(kindOf)).toEqual(['standings']);
    }
    queries.mockRestore();
  });
});
