/** The same document and variables get the same answer and have the same effect, however often they are sent. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

/** More than twenty, after which another executor once took over. */
const RUNS = 25;

/** For results that were once lost: this many runs, AT_ONCE of them concurrently. */
const LONG_RUNS = 1_000;
const AT_ONCE = 50;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }, { customerId: 'mailed' }],
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

/** The fragment is skipped in one place but not in the other. */
const ONE_OF_TWO = `query Read($skip: Boolean!) {
  a: customer(customerId: "acme") { ...C @skip(if: $skip) id }
  b: customer(customerId: "acme") { ...C id }
}
fragment C on Customer { customerId name }`;

const NULL_CONDITION = `query Read($with: Boolean = true) {
  customer(customerId: "acme") { customerId @include(if: $with) }
}`;

const TWO = 'query A { features { edges { node { featureId type } } } } query B { __typename }';

const ODD_NAMES = `{ __proto__: __typename constructor: __typename toString: __typename
  features { __proto__: edges { cursor } hasOwnProperty: __typename } }`;

const acme = { customerId: 'acme', featureId: 'messages' };

it.each([
  ['fragments, directives and aliases', FRAGMENTS, { customer: 'acme', with: false }],
  ['an error in one of the fields', FRAGMENTS, { customer: 'acme', with: true }],
  ['an argument that breaks a rule', FRAGMENTS, { customer: ' ', with: false }],
  ['a missing variable', FRAGMENTS, { customer: 'acme' }],
  ['a variable of the wrong type', FRAGMENTS, { customer: 7, with: 'yes' }],
  ['a usage event', TRACK, { input: acme }],
  ['a refusal', TRACK, { input: { ...acme, customerId: 'nobody' } }],
  ['an input that breaks rules', TRACK, { input: { ...acme, value: 1e300, eventName: 'x' } }],
  ['an input with an unknown field', TRACK, { input: { ...acme, other: 1 } }],
  ['a batch', BATCH, { inputs: [acme, { ...acme, featureId: 'none' }, { customerId: 'acme' }] }],
  ['an empty batch', BATCH, { inputs: [] }],
  ['two operations without a name', TWO, {}],
  ['aliases that every object inherits', ODD_NAMES, {}],
  ['a fragment that is skipped in one place', ONE_OF_TWO, { skip: true }],
  ['a null condition', NULL_CONDITION, { with: null }],
])('every run gets the same answer: %s', async (_what, query, variables) => {
  const answers = new Set<string>();
  for (let run = 0; run < RUNS; run += 1) {
    const response = await gateway.send({ body: { query, variables } });
    answers.add(`${response.status} ${withoutIds(await response.text())}`);
  }
  expect([...answers]).toHaveLength(1);
});

it('every run executes the operation that is named', async () => {
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

it('a fragment skipped in one place is included in the other', async () => {
  const id = expect.any(String);
  await expectAlways(ONE_OF_TWO, { skip: true }, (data) => {
    expect(data).toEqual({ a: { id }, b: { customerId: 'acme', name: null, id } });
  });
});

it('an omitted variable omits its input field', async () => {
  const set = `mutation { updateCustomer(input: {
    customerId: "mailed", email: "a@example.com", metadata: { kept: true } }) { __typename } }`;
  await gateway.execute(set);
  const query = `mutation U($id: String!, $email: String, $name: String, $metadata: JSON) {
    updateCustomer(input: { customerId: $id, email: $email, name: $name, metadata: $metadata }) {
      ... on UpdateCustomerPayload { customer { email name metadata } }
    }
  }`;
  await expectAlways(query, { id: 'mailed', name: 'Mailed' }, (data) => {
    expect(data.updateCustomer.customer).toEqual({
      email: 'a@example.com',
      name: 'Mailed',
      metadata: { kept: true },
    });
  });
});

it('variables in a JSON literal have the values of each call', async () => {
  const query = `mutation T($id: String!, $n: Int, $left: String) {
    trackBalance(input: { customerId: $id, featureId: "messages", properties: { n: $n, left: $left } }) {
      ... on TrackBalancePayload { event { properties } }
    }
  }`;
  for (let run = 1; run <= RUNS; run += 1) {
    const { data } = await gateway.execute(query, { id: 'acme', n: run });
    expect(data.trackBalance.event.properties, `run ${run}`).toEqual({ n: run });
  }
});

it('a mutation that is spread twice runs if one of the spreads is skipped', async () => {
  const query = `mutation M($skip: Boolean!, $id: String!) { ...A @skip(if: $skip) ...A @include(if: $skip) }
    fragment A on Mutation { createCustomer(input: { customerId: $id }) {
      ... on CreateCustomerPayload { created } } }`;
  for (let run = 1; run <= RUNS; run += 1) {
    for (const skip of [true, false]) {
      const { data } = await gateway.execute(query, { skip, id: `spread-${run}-${skip}` });
      expect(data, `run ${run}`).toEqual({ createCustomer: { created: true } });
    }
  }
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks.
async function expectAlways(query: string, variables: object, check: (data: any) => void) {
  for (let run = 0; run < LONG_RUNS; run += AT_ONCE) {
    const answers = Array.from({ length: AT_ONCE }, () => gateway.execute(query, { ...variables }));
    for (const { data } of await Promise.all(answers)) check(data);
  }
}

/** Errors contain the id of their request. */
function withoutIds(text: string): string {
  return text.replaceAll(/"requestId":"[^"]+"/g, '"requestId":""');
}
