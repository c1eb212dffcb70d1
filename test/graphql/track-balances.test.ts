/** A batch answers each of its uses as trackBalance would, in order. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { setUp } from '../support/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 10 }],
  });
});
afterAll(() => gateway.close());

const BATCH = `mutation Batch($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) {
    __typename
    ... on TrackBalancePayload { balance { remaining } replayed }
    ... on Error { code }
    ... on InvalidInputError { issues { path value rule } }
  }
}`;

it('answers in the order of the list, each with a type of its own', async () => {
  const inputs = [
    { customerId: 'acme', featureId: 'messages', value: 3, idempotencyKey: 'a' },
    { customerId: 'ac me', featureId: 'messages' },
    { customerId: 'nobody', featureId: 'messages' },
    { customerId: 'acme', featureId: 'messages', value: 8, overageBehavior: 'REJECT' },
    { customerId: 'acme', featureId: 'messages', value: 3, idempotencyKey: 'a' },
    { customerId: 'acme', featureId: 'messages', value: 4, idempotencyKey: 'a' },
  ];
  const { data, errors } = await gateway.execute(BATCH, { inputs });
  expect(errors).toEqual([]);
  expect(data.trackBalances).toEqual([
    { __typename: 'TrackBalancePayload', balance: { remaining: 7 }, replayed: false },
    {
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      issues: [{ path: 'customerId', value: '"ac me"', rule: 'id' }],
    },
    { __typename: 'CustomerNotFoundError', code: 'CUSTOMER_NOT_FOUND' },
    { __typename: 'InsufficientBalanceError', code: 'INSUFFICIENT_BALANCE' },
    { __typename: 'TrackBalancePayload', balance: { remaining: 7 }, replayed: true },
    { __typename: 'IdempotencyConflictError', code: 'IDEMPOTENCY_CONFLICT' },
  ]);
});
