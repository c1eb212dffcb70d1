/** What an operation may cost, computed from its document and its variables. */
import {
  getIntrospectionQuery,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { OPERATION_BOUNDS } from '../../src/config/operation-bounds.js';
import { createFieldCount } from '../../src/http/field-count/field-count.js';
import { schema } from '../../src/schema/index.js';

type Variables = Readonly<Record<string, unknown>>;

function countOf(query: string, costMax = Number.POSITIVE_INFINITY) {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document) as OperationDefinitionNode;
  return createFieldCount({
    schema,
    document,
    operation,
    fieldsMax: Number.POSITIVE_INFINITY,
    costMax,
  });
}

const costOf = (query: string, variables: Variables = {}) => countOf(query).cost(variables);
const requestedBy = (query: string, variables: Variables = {}) =>
  costOf(query, variables).requested;

describe('ordinary operations', () => {
  const TRACK = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
    ... on TrackBalancePayload { event { id } balance { remaining } replayed }
    ... on Error { code message } } }`;
  const BATCH = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
    ... on TrackBalancePayload { balance { remaining } } ... on Error { code } } }`;

  it.each<[string, number, string, Variables?]>([
    ['a usage event', 10, TRACK, { input: {} }],
    [
      'a batch of a hundred',
      1 + 100 * 10,
      BATCH,
      { inputs: Array.from({ length: 100 }, () => ({})) },
    ],
    ['a customer', 2, '{ customer(customerId: "a") { customerId name email } }'],
    [
      'one balance of a customer',
      2 + 1_001,
      '{ customer(customerId: "a") { balance(featureId: "b") { remaining breakdown { granted } } } }',
    ],
    [
      'its balances with their features',
      2 + 1 + 1_000 * (1 + 2),
      '{ customer(customerId: "a") { balances { feature { featureId name } granted remaining } } }',
    ],
    ['a page of events', 2 + 20, '{ events { edges { node { id value occurredAt } } } }'],
    [
      'a page of events with their customers',
      2 + 50 * (1 + 2),
      '{ events(first: 50) { edges { node { value customer { name } } } } }',
    ],
    [
      'the ledger of a balance',
      2 + 2 + 20 * (1 + 2),
      '{ node(id: "x") { ... on Balance { ledger { edges { node { amount event { value } } } } } } }',
    ],
    [
      'a page of a hundred customers with their balances',
      2 + 100 * (1 + 1 + 1_000),
      '{ customers(first: 100) { edges { node { customerId balances { remaining breakdown { id } } } } } }',
    ],
    [
      'the catalogue',
      2 + 100,
      '{ features(first: 100) { edges { node { featureId type eventNames creditCosts { cost } } } } }',
    ],
  ])('%s costs %d', (_what, expected, query, variables) => {
    expect(requestedBy(query, variables)).toBe(expected);
    expect(countOf(query, OPERATION_BOUNDS.operationCostMax).refusal(variables ?? {})).toBeNull();
  });

  it('introspection costs a hundredth of its fields', () => {
    const query = getIntrospectionQuery();
    expect(requestedBy(query)).toBe(Math.ceil(countOf(query).of({}) / 100));
  });

  it.each<[string, string]>([
    ['nothing but the type', '{ __typename }'],
    ['nothing', '{ customer(customerId: "a") @skip(if: true) { name } }'],
  ])('%s costs 1', (_what, query) => {
    expect(requestedBy(query)).toBe(1);
  });
});

describe('pages', () => {
  const page = 'query ($n: Int, $m: Int = 7) { events(first: $n, last: $m) { edges { cursor } } }';

  it.each<[string, number, string, Variables?]>([
    ['of a size', 2 + 3, '{ events(first: 3) { edges { cursor } } }'],
    ['without their items', 2 + 100, '{ events(first: 100) { pageInfo { hasNextPage } } }'],
    [
      'twice',
      2 * (2 + 5),
      '{ a: events(first: 5) { edges { cursor } } b: events(first: 5) { edges { cursor } } }',
    ],
    [
      'with their items twice',
      2 + 5,
      '{ events(first: 5) { a: edges { cursor } b: edges { cursor } } }',
    ],
    ['by a variable', 2 + 50, page, { n: 50 }],
    ['of the larger of two sizes', 2 + 9, page, { n: 5, m: 9 }],
    ['by a default', 2 + 7, page],
    ['of null', 2 + 20, page, { n: null, m: null }],
    ['of a negative size', 2 + 0, page, { n: -5, m: null }],
    ['of a huge size', 2 + 100, page, { n: 2 ** 53, m: null }],
    ['of a size that is no number', 2 + 20, page, { n: [1e9], m: null }],
    [
      'that are filtered, by a feature and by a customer, which is read',
      2 + 20 + 100 + 2,
      '{ events(featureId: "a", customerId: "b") { edges { cursor } } }',
    ],
    ['filtered by null', 2 + 20, '{ events(featureId: null) { edges { cursor } } }'],
  ])('%s cost %d', (_what, expected, query, variables) => {
    expect(requestedBy(query, variables)).toBe(expected);
  });
});

it('the size of a page that is not shown is that of each request', () => {
  const count = countOf('query ($n: Int) { events(first: $n) { pageInfo { hasNextPage } } }', 60);
  const requested = [10, 50].map((n) => count.cost({ n }).requested);
  expect(requested).toEqual([12, 52]);
  const refused = [58, 59].map((n) => count.refusal({ n }) !== null);
  expect(refused).toEqual([false, true]);
});

it('conditions by variables decide what is counted', () => {
  const query = `query ($a: Boolean!, $b: Boolean!) { customer(customerId: "a") {
    name events(first: 10) @include(if: $a) { edges { cursor } }
    ... @skip(if: $b) { entities(first: 30) { edges { cursor } } } } }`;
  const count = countOf(query);
  const costs = [true, false].flatMap((a) =>
    [true, false].map((b) => count.cost({ a, b }).requested),
  );
  expect(costs).toEqual([2 + 12, 2 + 12 + 32, 2, 2 + 32]);
});

it('a batch is spent for each of its items, reads are not', () => {
  const query = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
    ... on TrackBalancePayload { customer { name } } } }`;
  expect(costOf(query, { inputs: [{}, {}, {}] })).toEqual({
    requested: 1 + 3 * 12,
    spent: 1 + 3 * 10,
  });
});

describe('an operation that may cost too much', () => {
  const ALIASED = `{ ${Array.from(
    { length: 20 },
    (_, n) => `c${n}: customer(customerId: "${n}") {
    entities(first: 100) { edges { node { balance(featureId: "x") { remaining } } } } }`,
  ).join(' ')} }`;

  it('is refused with its cost, the limit and the three fields that cost most', () => {
    const query = `{ customers(first: 50) { edges { node { name
      balances { usage feature { name } } entities(first: 30) { edges { node { name } } } } } } }`;
    const cost = 2 + 50 * (1 + (1 + 1_000 * 3) + (2 + 30));
    expect(requestedBy(query)).toBe(cost);
    const refusal = countOf(query, 10_000).refusal({});
    expect(refusal?.message).toBe(
      `The operation may cost ${cost}, counting each list at its maximum size; OPERATION_COST_MAX allows ` +
        '10000. The most expensive fields: 100000 at "customers.edges[50].node.balances[1000].feature", ' +
        '50050 at "customers.edges[50].node.balances[1000]", 1600 at ' +
        '"customers.edges[50].node.entities". Ask for smaller pages, for fewer nested lists, or ' +
        'send several queries.',
    );
    expect(refusal?.extensions).toMatchObject({
      code: 'OPERATION_COST_EXCEEDED',
      cost: {
        requested: cost,
        maximum: 10_000,
        fields: [
          { path: 'customers.edges[50].node.balances[1000].feature', cost: 100_000 },
          { path: 'customers.edges[50].node.balances[1000]', cost: 50_050 },
          { path: 'customers.edges[50].node.entities', cost: 1_600 },
        ],
      },
    });
  });

  it('is allowed exactly up to the limit, and in a batch for each item', () => {
    const query = '{ customers(first: 50) { edges { cursor } } }';
    expect(
      [52, 51].map((costMax) => countOf(query, costMax).refusal({})?.extensions['code']),
    ).toEqual([undefined, 'OPERATION_COST_EXCEEDED']);
    const batch = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
      ... on TrackBalancePayload { customer { name } } } }`;
    const inputs = Array.from({ length: 1_000 }, () => ({}));
    expect(
      [13, 12].map((costMax) => countOf(batch, costMax).refusal({ inputs })?.extensions['code']),
    ).toEqual([undefined, 'OPERATION_COST_EXCEEDED']);
  });

  it('is found through aliases that are small answers', () => {
    const refusal = countOf(ALIASED, OPERATION_BOUNDS.operationCostMax).refusal({});
    expect(refusal).toBeNull();
    const nested = ALIASED.replaceAll(
      'balance(featureId: "x") { remaining }',
      'a: balance(featureId: "x") { usage } b: balance(featureId: "y") { usage } c: balance(featureId: "z") { usage }',
    );
    expect(countOf(nested, OPERATION_BOUNDS.operationCostMax).refusal({})?.extensions['code']).toBe(
      'OPERATION_COST_EXCEEDED',
    );
  });

  it('is named soon, however many paths its fragments have, and with numbers that JSON has', () => {
    const levels = 40;
    const fragments = Array.from(
      { length: levels },
      (_, n) =>
        `fragment F${n} on Customer { ${['a', 'b'].map((key) => `${key}: balances { breakdown { customer { ${n + 1 < levels ? `...F${n + 1}` : 'name'} } } }`).join(' ')} }`,
    );
    const query = `{ customer(customerId: "a") { ...F0 } } ${fragments.join(' ')}`;
    const refusal = countOf(query, 10 ** 9).refusal({});
    expect(refusal?.message).toMatch(/^The operation may cost more than 10\^15/);
    const { cost } = JSON.parse(JSON.stringify(refusal?.extensions));
    expect(cost.requested).toBe(Number.MAX_SAFE_INTEGER);
    expect(cost.fields).toHaveLength(3);
    for (const { path } of cost.fields) expect(path.length).toBeLessThanOrEqual(201);
  });
});
