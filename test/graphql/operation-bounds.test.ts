/** The cost of an operation is bounded before it runs, and one that may cost too much causes no statement. */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
const reads: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({ onRead: (method) => reads.push(method) });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: Array.from({ length: 100 }, () => ({
      customerId: 'acme',
      featureId: 'messages',
      granted: 10,
    })),
  });
});
afterAll(() => gateway.close());

const nestedBalances = (levels: number): string =>
  levels === 1
    ? 'balances { breakdown { remaining } }'
    : `balances { breakdown { customer { ${nestedBalances(levels - 1)} } } }`;

const ALIASES = Array.from({ length: 10 }, (_, index) => `a${index}`);

/** Ten aliases from each level to the next, through fragments. */
const CHAINED = `{ customer(customerId: "acme") { ...F1 } }
  fragment F1 on Customer { ${ALIASES.map((a) => `${a}: balances { breakdown { customer { ...F2 } } }`).join(' ')} }
  fragment F2 on Customer { ${ALIASES.map((a) => `${a}: balances { breakdown { customer { ...F3 } } }`).join(' ')} }
  fragment F3 on Customer { ${ALIASES.map((a) => `${a}: balances { usage }`).join(' ')} }`;

const introspections = (count: number) =>
  `{ __schema { ${Array.from({ length: count }, (_, i) => `a${i}: types { name fields { name type { name } } }`).join(' ')} } }`;

interface Row {
  readonly what: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  /** Parts of the message: the count and the most expensive path. */
  readonly says: readonly string[];
}

const TOO_COMPLEX: readonly Row[] = [
  {
    what: 'balances nested in 157 characters',
    query: `{customer(customerId:"acme"){${nestedBalances(4)}}}`,
    says: [
      '2003003003002 fields',
      'at most 5000000 are allowed',
      'customer.balances[1000].breakdown[1].customer.balances[1000]',
    ],
  },
  {
    what: 'ten aliases in three chained fragments',
    query: CHAINED,
    says: [
      ' fields, counting each list at its maximum size; at most 5000000 are allowed',
      '"customer.a0[1000].breakdown[1].customer.a0[1000]',
    ],
  },
  {
    what: 'pages inside lists inside pages',
    query: `{ customers(first: 99) { edges { node { balances { breakdown { ledger(first: 20) {
      edges { node { event { deductions { balance { remaining } } } } } } } } } } } }`,
    says: [
      'at most 5000000 are allowed',
      'customers.edges[99].node.balances[1000].breakdown[1].ledger.edges[20]',
    ],
  },
  {
    what: 'a page of ledgers of a page of customers',
    query: `{ customers(first: 100) { edges { node { balances { breakdown { ledger(first: 10) {
      edges { node { amount } } } } } } } } }`,
    says: ['1000100 edges of pages', 'at most 25000 are allowed'],
  },
  {
    what: 'sixty introspections',
    query: introspections(60),
    says: ['more than 25000 fields of introspection'],
  },
  {
    what: 'the largest batch with pages in each item',
    query: `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
      ... on TrackBalancePayload { customer { events(first: 100) { edges { cursor } } } } } }`,
    variables: {
      inputs: Array.from({ length: 300 }, () => ({ customerId: 'acme', featureId: 'messages' })),
    },
    says: ['30000 edges of pages', 'trackBalances[300].customer.events.edges[100]'],
  },
];

describe('an operation that may cost too much', () => {
  it.each(TOO_COMPLEX)('is refused before it runs: $what', async ({ query, variables, says }) => {
    reads.length = 0;
    const { status, data, errors } = await gateway.execute(query, variables);
    expect({ status, data }).toEqual({ status: 200, data: null });
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    for (const words of says) expect(errors[0]?.message).toContain(words);
    expect(reads).toEqual([]);
  });
});

describe('a typical operation is answered', () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      'a page of a hundred customers with their balances',
      `{ customers(first: 100) { pageInfo { hasNextPage endCursor } edges { node { customerId name email
        balances { feature { featureId name type } granted remaining usage overage unlimited
          overageAllowed nextResetAt
          breakdown { id granted remaining used overage priority expiresAt nextResetAt } } } } } }`,
    ],
    [
      'a customer with everything it has',
      `{ customer(customerId: "acme") { customerId name email metadata
        balances { feature { featureId name } granted remaining usage
          breakdown { id granted remaining rollovers { granted remaining expiresAt }
            ledger { edges { node { kind amount event { id value } } } } } }
        events { edges { node { id value deductions { amount balance { id } } } } } } }`,
    ],
    [
      'a page of events with their deductions',
      `{ events(first: 100) { edges { node { id value properties customer { customerId name }
        deductions { amount feature { featureId } balance { id remaining } }
        unapplied { amount feature { featureId } } } } } }`,
    ],
    ['introspection as sent by tools', getIntrospectionQuery({ descriptions: true, oneOf: true })],
  ];

  it.each(rows)('%s', async (_what, query) => {
    const { status, errors } = await gateway.execute(query);
    expect({ status, errors }).toEqual({ status: 200, errors: [] });
  });
});

it('usage events that share a variable repeat no more of it than a request may contain', async () => {
  const query = `mutation ($p: JSON!) { trackBalances(inputs: [${'{ customerId: "acme", featureId: "messages", properties: $p } '.repeat(150)}]) { __typename } }`;
  const events = 'SELECT count(*)::int AS events FROM events';
  const before = await gateway.sql(events);
  const refused = await gateway.execute(query, { p: { text: 'x'.repeat(60_000) } });
  expect(refused.errors[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
  expect(refused.errors[0]?.message).toMatch(
    /repetitions have 89\d{5} characters; BODY_BYTES_MAX allows/,
  );
  expect(await gateway.sql(events)).toEqual(before);
  const small = await gateway.execute(query, { p: { text: 'x' } });
  expect(small.errors).toEqual([]);
});
