/** The fields counted before an operation runs are those of its answer if every list is full. */
import {
  type DocumentNode,
  executeSync,
  getIntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createFieldCount, OPERATION_EDGES_MAX } from '../../src/http/field-count/field-count.js';
import { INTROSPECTION_FIELDS_MAX } from '../../src/http/field-count/introspection.js';
import { schema } from '../../src/schema/index.js';
import { randomOf, seedOf } from '../support/random/random.js';
import { randomQuery } from '../support/random/random-queries.js';
import { fieldsIn, fullSchemaOf } from '../support/schema/full-schema.js';

const FULLEST = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

type Variables = Readonly<Record<string, unknown>>;

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (found?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return found;
}

function countOf(query: string, fieldsMax = 1_000) {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const limits = { fieldsMax, costMax: Number.POSITIVE_INFINITY };
  return createFieldCount({ schema, document, operation: operationOf(document), ...limits });
}

const fieldsOf = (query: string, variables: Variables = {}) => countOf(query).of(variables);

describe('fields', () => {
  const events = (page: string) => `{ events${page} { edges { cursor } } }`;
  const page = (first: string) => `query ($n: Int${first}) ${events('(first: $n)')}`;

  it.each<[string, string, number, Variables?]>([
    ['of leaves', '{ customer(customerId: "a") { customerId name __typename } }', 4],
    ['requested twice', '{ customer(customerId: "a") { name name ... { name } } }', 2],
    ['of a page', events('(first: 3)'), 2 + 3],
    ['of a page from the end', events('(last: 3)'), 2 + 3],
    ['of a page without a size', events(''), 2 + 20],
    ['of a page of null', events('(first: null)'), 2 + 20],
    ['of no page', events('(first: 0)'), 2],
    ['of a page that will be refused', events('(first: 100000)'), 2 + 100],
    ['of a page with a variable', page(''), 2 + 7, { n: 7 }],
    ['of a page with a missing variable', page(''), 2 + 20],
    ['of a page with a default', page(' = 5'), 2 + 5],
    ['of a page with a variable that is null', page(' = 5'), 2 + 20, { n: null }],
    [
      'of a page with a variable that is not a number',
      page(' = 5'),
      2 + 20,
      { n: { kind: 'IntValue', value: '9' } },
    ],
    [
      'of two pages',
      `{ a: ${events('(first: 2)').slice(1, -1)} ${events('(first: 3)').slice(1, -1)} }`,
      4 + 5,
    ],
    ['of a list of strings', '{ feature(featureId: "a") { eventNames } }', 2 + 100],
    [
      'of a list that is divided among its parents',
      '{ customer(customerId: "a") { balances { breakdown { used } } } }',
      2 + 1_000 + 1_000,
    ],
    [
      'of one part of such a list',
      '{ customer(customerId: "a") { balance(featureId: "b") { breakdown { used } } } }',
      3 + 1_000,
    ],
    [
      'of the most expensive type',
      '{ node(id: "a") { id ... on Feature { eventNames } ... on Customer { name } } }',
      1 + 2 + 100,
    ],
    [
      'that are skipped',
      '{ customer(customerId: "a") { name @skip(if: true) email @include(if: false) } }',
      1,
    ],
    [
      'that a variable skips',
      'query ($s: Boolean!) { customer(customerId: "a") { name @skip(if: $s) } }',
      1,
      { s: true },
    ],
    [
      'that a variable keeps',
      'query ($s: Boolean!) { customer(customerId: "a") { name @skip(if: $s) } }',
      2,
      { s: false },
    ],
  ])('%s', (_what, query, expected, variables) => {
    expect(fieldsOf(query, variables)).toBe(expected);
  });

  it.each<[string, unknown, number]>([
    ['a list', [{}, {}, {}], 1 + 3],
    ['a single item', {}, 1 + 1],
    [
      'an object that looks like a list in a document',
      { kind: 'ListValue', loc: {}, values: [] },
      1 + 1,
    ],
    ['none', [], 1],
    ['null', null, 1],
    ['more items than are allowed', Array.from({ length: 5_000 }, () => ({})), 1 + 1_000],
  ])('of a batch of %s', (_what, inputs, expected) => {
    const query = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { __typename }
    }`;
    expect(fieldsOf(query, { inputs })).toBe(expected);
  });
});

it('the data cached for an operation is limited, however its conditions are combined', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const count = countOf(`query (${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
    ${names.map((name) => `${name}: __typename @skip(if: $${name})`).join(' ')} }`);
  const set = vi.spyOn(Map.prototype, 'set');
  const counts = Array.from({ length: 2 ** names.length }, (_, bits) =>
    count.of(Object.fromEntries(names.map((name, at) => [name, ((bits >> at) & 1) === 1]))),
  );
  const isKey = ([key]: readonly unknown[]) => /^((true|false),){5}(true|false)$/.test(`${key}`);
  const generations = set.mock.contexts.filter((_, call) => isKey(set.mock.calls[call] ?? []));
  set.mockRestore();
  expect(generations).toHaveLength(64);
  expect(Math.max(...generations.map((map) => Object(map).size))).toBe(8);
  expect(counts.slice(0, 4)).toEqual([6, 5, 5, 4]);
  expect(counts.at(-1)).toBe(0);
});

describe('an operation over the limit is refused', () => {
  const messageOf = (query: string, fieldsMax: number, variables: Variables = {}) =>
    countOf(query, fieldsMax).refusal(variables)?.message ?? null;
  const page = 'query ($n: Int) { customers(first: $n) { edges { node { balances { usage } } } } }';
  const ofPage = (n: number) => 2 + n * 2 + n * 1_000;

  it('with the count, the limit and the most expensive path', () => {
    expect(messageOf(page, ofPage(5), { n: 5 })).toBeNull();
    expect(messageOf(page, ofPage(5) - 1, { n: 5 })).toBe(
      `The operation may have ${ofPage(5)} fields, counting each list at its maximum size; at ` +
        `most ${ofPage(5) - 1} are allowed. Most of them are at ` +
        '"customers.edges[5].node.balances[1000].usage". Ask for smaller pages, for fewer nested ' +
        'lists, or send several queries.',
    );
  });

  it('of a list in a variable, before any of it is read', () => {
    const tracks =
      'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }';
    const creates =
      'mutation ($input: FeaturesCreateInput!) { createFeature(input: $input) { __typename } }';
    const list = (length: number) => Array.from({ length }, () => ({}));
    for (const [query, variables] of [
      [tracks, (length: number) => ({ inputs: list(length) })],
      [creates, (length: number) => ({ input: { creditCosts: list(length) } })],
    ] as const) {
      expect(messageOf(query, 10_000, variables(20_000))).toBeNull();
      expect(messageOf(query, 10_000, variables(20_001))).toMatch(
        /^The variable "\$inputs?" contains a list of 20001 items; at most 20000 can be read\. Send fewer items at once\.$/,
      );
    }
    expect(messageOf('{ __typename }', 10_000, { other: list(30_000) })).toBeNull();
  });

  it('of edges', () => {
    const ledgers = (first: number) =>
      `{ customer(customerId: "a") { balances { breakdown { ledger(first: ${first}) { edges { cursor } } } } } }`;
    expect(messageOf(ledgers(OPERATION_EDGES_MAX / 1_000), Number.POSITIVE_INFINITY)).toBeNull();
    expect(messageOf(ledgers(OPERATION_EDGES_MAX / 1_000 + 1), Number.POSITIVE_INFINITY)).toMatch(
      `26000 edges of pages, counting each list at its maximum size; at most ${OPERATION_EDGES_MAX} `,
    );
  });

  it('of introspection', () => {
    const types = (count: number) =>
      `{ __schema { ${Array.from({ length: count }, (_, i) => `t${i}: types { fields { name type { name } } }`).join(' ')} } }`;
    expect(messageOf(types(5), Number.POSITIVE_INFINITY)).toBeNull();
    expect(messageOf(types(22), Number.POSITIVE_INFINITY)).toMatch(
      / fields of introspection, .* at "__schema"/,
    );
    expect(messageOf(types(60), Number.POSITIVE_INFINITY)).toBe(
      'The operation may have more than 25000 fields of introspection, which is the maximum.',
    );
  });

  it('for a batch only if one item is over the limit', () => {
    const batch = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
      ... on TrackBalancePayload { balances { usage } } } }`;
    const inputs = Array.from({ length: 50 }, () => ({}));
    expect(messageOf(batch, 1_100, { inputs })).toBeNull();
    expect(messageOf(batch, 1_000, { inputs })).toMatch('trackBalances[50].balances[1000].usage');
  });

  it('for a batch and what is beside it, by one item of the batch', () => {
    const operation = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { __typename }
      createCustomer(input: { customerId: "c" }) {
        ... on CreateCustomerPayload { customer { balances { usage } } } } }`;
    const inputs = Array.from({ length: 50 }, () => ({}));
    expect(messageOf(operation, 1_100, { inputs })).toBeNull();
    expect(messageOf(operation, 1_000, { inputs })).toMatch(
      'createCustomer.customer.balances[1000]',
    );
  });

  it('however large the count', () => {
    const nested = (levels: number): string =>
      levels === 0 ? 'name' : `balances { breakdown { customer { ${nested(levels - 1)} } } }`;
    const query = `{ customer(customerId: "a") { ${nested(120)} } }`;
    expect(messageOf(query, 1)).toMatch(/^The operation may have more than 10\^15 fields/);
    expect(messageOf(query, 1)?.length).toBeLessThan(500);
  });

  it('in a document whose fragments double at each level', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Customer {
        a: entity(entityId: "a") { customer { ...F${i + 1} } }
        b: entity(entityId: "b") { customer { ...F${i + 1} } }
      }`,
    );
    const query = `{ customer(customerId: "a") { ...F0 } } ${fragments.join(' ')}
      fragment F60 on Customer { name }`;
    expect(messageOf(query, 1_000_000)).toMatch('more than 10^15 fields');
  });
});

describe('introspection', () => {
  const type = 'kind name fields { name type { name ofType { name fields { name } } } }';

  it.each<[string, string]>([
    ['as tools send it', getIntrospectionQuery()],
    ['with all options', getIntrospectionQuery(FULLEST)],
    ['of one type', `{ __type(name: "Customer") { ${type} } }`],
    ['of a type that does not exist', `{ __type(name: "Nobody") { ${type} } }`],
    ['of directive locations', '{ __schema { directives { locations } } }'],
    ['twice', `{ a: __schema { types { ${type} } } b: __schema { types { name ${type} } } }`],
  ])('%s is counted exactly', (_what, query) => {
    const { data } = executeSync({ schema, document: parse(query) });
    expect(fieldsOf(query)).toBe(fieldsIn(data));
  });

  it('of a type given by a variable counts as that of the largest type', () => {
    const query = `query ($name: String!) { __type(name: $name) { ${type} } }`;
    const counts = Object.keys(schema.getTypeMap()).map((name) => fieldsOf(query, { name }));
    const literal = (name: string) => `{ __type(name: "${name}") { ${type} } }`;
    const each = Object.keys(schema.getTypeMap()).map((name) => fieldsOf(literal(name)));
    expect(new Set(counts)).toEqual(new Set([Math.max(...each)]));
  });

  it('as sent by tools is far below the limit', () => {
    const count = fieldsOf(getIntrospectionQuery(FULLEST));
    expect(count).toBeLessThan(INTROSPECTION_FIELDS_MAX / 2);
  });
});

describe('a random operation', () => {
  const random = randomOf(seedOf('field-count'));
  const { schema: full, fieldResolver } = fullSchemaOf(schema);

  it('has exactly the counted fields if every list is full', () => {
    let compared = 0;
    for (let run = 0; run < 300; run += 1) {
      const { query, variables } = randomQuery({
        schema,
        random,
        argument: () => '"x"',
        depthMax: 5,
        // Abstract types, and lists that are too long for the comparison.
        without: 'node checkBalance checkBalances check explainTrack deductions rollovers'.split(
          ' ',
        ),
      });
      const count = fieldsOf(query, variables);
      if (count > 30_000) continue;
      const document = parse(query);
      const variableValues = variables;
      const { data } = executeSync({ schema: full, document, variableValues, fieldResolver });
      expect({ query, variables, count }).toEqual({ query, variables, count: fieldsIn(data) });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
  });
});
