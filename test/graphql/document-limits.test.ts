/** Documents that would cost too much are refused before any part of them runs. */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DOCUMENT_DEPTH_MAX,
  DOCUMENT_LINES_MAX,
  DOCUMENT_NESTING_MAX,
  DOCUMENT_TOKENS_MAX,
  ROOT_FIELDS_MAX,
} from '../../src/http/limits.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  });
});
afterAll(() => gateway.close());

async function codeOf(query: string): Promise<unknown> {
  const { status, errors } = await gateway.execute(query);
  expect(status).toBeLessThan(500);
  return errors[0]?.extensions['code'] ?? 'OK';
}

const tracks = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      `t${index}: trackBalance(input: {
        customerId: "acme", featureId: "messages"
      }) { __typename }`,
  ).join('\n');

const events = async () => (await gateway.sql('SELECT count(*)::int AS n FROM events'))[0]?.['n'];

describe('root fields', () => {
  it('may be as many as the limit', async () => {
    expect(await codeOf(`mutation { ${tracks(ROOT_FIELDS_MAX)} }`)).toBe('OK');
    expect(await events()).toBe(ROOT_FIELDS_MAX);
  });

  it.each([
    ['plain', `mutation { ${tracks(ROOT_FIELDS_MAX + 1)} }`],
    [
      'in fragments',
      `mutation { last: __typename ...F } fragment F on Mutation { ${tracks(ROOT_FIELDS_MAX)} }`,
    ],
    ['inline', `mutation { ... on Mutation { ${tracks(ROOT_FIELDS_MAX + 1)} } }`],
  ])('may not exceed the limit: %s', async (_how, query) => {
    const before = await events();
    expect(await codeOf(query)).toBe('QUERY_TOO_COMPLEX');
    expect(await events()).toBe(before);
  });

  it('count once if they are requested twice', async () => {
    const fields = Array.from({ length: 11 }, (_, n) => `t${n}: __typename`).join(' ');
    expect(await codeOf(`{ ...F ...F ${fields} } fragment F on Query { ${fields} }`)).toBe('OK');
    const before = await events();
    const { data } = await gateway.execute(`mutation { ...F ...F ...G }
      fragment G on Mutation { ...F }
      fragment F on Mutation {
        trackBalances(inputs: [{ customerId: "acme", featureId: "messages" }]) { __typename } }`);
    expect(data.trackBalances).toHaveLength(1);
    expect(await events()).toBe(Number(before) + 1);
  });

  it('include __typename', async () => {
    const aliases = Array.from({ length: 600 }, (_, index) => `a${index}: __typename`);
    expect(await codeOf(`{ ${aliases.join(' ')} }`)).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('depth', () => {
  const ofCustomer = (levels: number): string =>
    levels === 1 ? 'customerId' : `entity(entityId: "x") { ${ofEntity(levels - 1)} }`;
  const ofEntity = (levels: number): string =>
    levels === 1 ? 'entityId' : `customer { ${ofCustomer(levels - 1)} }`;
  const query = (levels: number) =>
    `{ customer(customerId: "acme") { ${ofCustomer(levels - 1)} } }`;

  it('may reach the limit', async () => {
    expect(await codeOf(query(DOCUMENT_DEPTH_MAX))).toBe('OK');
  });

  it('may not exceed the limit', async () => {
    expect(await codeOf(query(DOCUMENT_DEPTH_MAX + 1))).toBe('QUERY_TOO_COMPLEX');
  });

  it('is counted through fragments', async () => {
    const fragment = `fragment F on Customer { ${ofCustomer(DOCUMENT_DEPTH_MAX)} }`;
    const spread = `{ customer(customerId: "acme") { ...F } } ${fragment}`;
    expect(await codeOf(spread)).toBe('QUERY_TOO_COMPLEX');
  });

  it('suffices for introspection', async () => {
    expect(await codeOf(getIntrospectionQuery())).toBe('OK');
    const all = { descriptions: true, inputValueDeprecation: true, oneOf: true };
    expect(await codeOf(getIntrospectionQuery({ ...all, schemaDescription: true }))).toBe('OK');
  });
});

const updateWith = (metadata: string) =>
  `mutation { updateCustomer(input: { customerId: "acme", metadata: ${metadata} }) {
    __typename
  } }`;

describe('tokens', () => {
  /** Twenty-four tokens surround the list of numbers. */
  const query = (tokens: number) => updateWith(`{ a: [${'1 '.repeat(tokens - 24)}] }`);

  it('may be as many as the limit', async () => {
    expect(await codeOf(query(DOCUMENT_TOKENS_MAX))).toBe('OK');
  });

  it('may not exceed the limit', async () => {
    expect(await codeOf(query(DOCUMENT_TOKENS_MAX + 1))).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('brackets', () => {
  const query = (levels: number) =>
    updateWith(`${'{ a: '.repeat(levels - 3)}1${' }'.repeat(levels - 3)}`);

  it('may be nested up to the limit', async () => {
    expect(await codeOf(query(DOCUMENT_NESTING_MAX))).toBe('OK');
  });

  it('may not be nested deeper', async () => {
    expect(await codeOf(query(DOCUMENT_NESTING_MAX + 1))).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('lines', () => {
  const query = (lines: number, end: string) => `${end.repeat(lines - 1)}{ __typename }`;
  const ends = [['\n'], ['\r\n'], ['\r'], ['#\n'], [' \n\r\r\n '.repeat(3)]];

  it.each(ends)('ended by %j may be as many as the limit', async (end) => {
    const each = (end.match(/\r\n|\r|\n/g) ?? []).length;
    const times = Math.floor((DOCUMENT_LINES_MAX - 1) / each);
    expect(await codeOf(query(times + 1, end))).toBe('OK');
    expect(await codeOf(query(times + 2, end))).toBe('QUERY_TOO_COMPLEX');
  });

  it('may not be more within a string', async () => {
    const string = `"""${'\n'.repeat(DOCUMENT_LINES_MAX)}"""`;
    expect(await codeOf(`{ customer(customerId: ${string}) { name } }`)).toBe('QUERY_TOO_COMPLEX');
  });

  it('are named in the error', async () => {
    const { errors } = await gateway.execute(query(DOCUMENT_LINES_MAX + 1, '\n'));
    expect(errors[0]?.message).toBe(
      `The operation has more than ${DOCUMENT_LINES_MAX} lines, which is the maximum.`,
    );
  });
});

describe('bombs', () => {
  const fragments = Array.from(
    { length: 30 },
    (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
  ).join(' ');
  const bombs: [string, string][] = [
    ['a query 2,000 levels deep', `{ ${'a { '.repeat(2_000)}b${' }'.repeat(2_000)} }`],
    ['a list 5,000 levels deep', `{ node(id: ${'['.repeat(5_000)}${']'.repeat(5_000)}) { id } }`],
    [
      'an object 600 levels deep',
      `{ node(id: ${'{ a: '.repeat(600)}1${' }'.repeat(600)}) { id } }`,
    ],
    [
      'fragments that double 30 times',
      `{ ...F0 } ${fragments} fragment F30 on Query { __typename }`,
    ],
    ['fragments in a cycle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { __typename ...A }'],
    ['one field a thousand times', `{ ${'__typename '.repeat(1_000)} }`],
    ['a directive 300 times', `{ __typename ${'@skip(if: true) '.repeat(300)} }`],
    ['an unknown directive', `{ __typename ${'@a '.repeat(900)} }`],
    [
      'recursive introspection',
      `{ __schema { types { ${'fields { type { '.repeat(4)}name${' } }'.repeat(4)} } } }`,
    ],
    [
      '600 variables',
      `query (${Array.from({ length: 600 }, (_, i) => `$v${i}: Int`).join(' ')}) { __typename }`,
    ],
    ['a comment of a megabyte', `#${'x'.repeat(1_000_000)}\n{ __typenam }`],
    ['NUL', '{ \u0000 }'],
    ['a lone surrogate', '{ \ud800 }'],
  ];

  it.each(bombs)('%s is refused', async (_what, query) => {
    expect(await codeOf(query)).toMatch(
      /^(QUERY_TOO_COMPLEX|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED)$/,
    );
  });
});
