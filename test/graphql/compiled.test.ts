/** An operation that comes often is compiled; nobody may tell from its answers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { setUp } from '../support/set-up.js';

/** More than it takes for an operation to be compiled. */
const RUNS = 25;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});
afterAll(() => gateway.close());

const FRAGMENTS = `query Read($customer: String!, $with: Boolean!) {
  first: customer(customerId: $customer) { ...Parts again: customerId }
  second: customer(customerId: "nobody") { id }
  node(id: "Q3VzdG9tZXI6bm9uZQ==") @include(if: $with) { __typename id }
}
fragment Parts on Customer {
  __typename
  name @skip(if: $with)
  balances { feature { featureId } remaining }
  entities(first: 2) { edges { node { entityId } } pageInfo { hasNextPage } }
}`;

const TRACK = `mutation Track($input: BalancesTrackInput!) {
  one: trackBalance(input: $input) {
    __typename
    ... on TrackBalancePayload { value replayed balance { remaining } balances { granted } unapplied { amount } }
    ... on Error { code message }
    ... on InvalidInputError { issues { path rule value } }
  }
}`;

const BATCH = `mutation Batch($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) { __typename ... on Error { code } }
}`;

const TWO = 'query A { features { edges { node { featureId type } } } } query B { __typename }';

const ODD_NAMES = `{ __proto__: __typename constructor: __typename toString: __typename
  features { __proto__: edges { cursor } hasOwnProperty: __typename } }`;

const acme = { customerId: 'acme', featureId: 'messages' };

it.each([
  ['fragments, directives and aliases', FRAGMENTS, { customer: 'acme', with: false }],
  ['an error in one of the fields', FRAGMENTS, { customer: 'acme', with: true }],
  ['a rule of an argument that is broken', FRAGMENTS, { customer: ' ', with: false }],
  ['a variable that is missing', FRAGMENTS, { customer: 'acme' }],
  ['a variable of another type', FRAGMENTS, { customer: 7, with: 'yes' }],
  ['a use', TRACK, { input: acme }],
  ['a refusal', TRACK, { input: { ...acme, customerId: 'nobody' } }],
  ['an input that breaks rules', TRACK, { input: { ...acme, value: 1e300, eventName: 'x' } }],
  ['an input with a field too many', TRACK, { input: { ...acme, other: 1 } }],
  ['a list', BATCH, { inputs: [acme, { ...acme, featureId: 'none' }, { customerId: 'acme' }] }],
  ['an empty list', BATCH, { inputs: [] }],
  ['two operations and no name', TWO, {}],
  ['aliases that objects have already', ODD_NAMES, {}],
])('%s', async (_what, query, variables) => {
  const answers = new Set<string>();
  for (let run = 0; run < RUNS; run += 1) {
    const response = await gateway.send({ body: { query, variables } });
    answers.add(`${response.status} ${withoutIds(await response.text())}`);
  }
  expect([...answers]).toHaveLength(1);
});

it('one of two operations, by its name', async () => {
  const run = async (operationName: string) => {
    const response = await gateway.send({ body: { query: TWO, operationName } });
    return JSON.parse(await response.text());
  };
  for (let count = 0; count < RUNS; count += 1) {
    expect(await run('B')).toEqual({ data: { __typename: 'Query' } });
    expect(await run('A')).toMatchObject({
      data: { features: { edges: [{ node: { featureId: 'messages' } }] } },
    });
    expect(await run('C')).toMatchObject({ errors: [{}] });
  }
});

/** Each request has an id of its own in its errors. */
function withoutIds(text: string): string {
  return text.replaceAll(/"requestId":"[^"]+"/g, '"requestId":""');
}
