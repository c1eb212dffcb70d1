/** What an operation costs, as clients see it: on request, and once their key has used up its budget. Through both adapters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const COST_PER_MINUTE = 50_000;

let gateway: TestGateway;
let limited: TestGateway;
const reads: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({ onRead: (method) => reads.push(method) });
  limited = await startTestGateway({ operationBounds: { costPerMinute: COST_PER_MINUTE } });
  const content = {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }, { customerId: 'globex' }],
    balances: Array.from({ length: 3 }, () => ({
      customerId: 'acme',
      featureId: 'messages',
      granted: 1_000,
    })),
  };
  for (const one of [gateway, limited]) await setUp(one, content);
});
afterAll(async () => {
  await gateway.close();
  await limited.close();
});

interface Sent {
  readonly query: string;
  readonly variables?: object;
  readonly headers?: Record<string, string>;
  readonly secret?: string;
}

const ASKING = { 'Tollgate-Cost': 'true' };

function requestOf(to: TestGateway, { query, variables, headers, secret = to.secret }: Sent) {
  return {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${secret}`,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  };
}

type Send = (to: TestGateway, sent: Sent) => Promise<Response>;

const ADAPTERS: readonly [string, Send][] = [
  ['the server', (to, sent) => fetch(`${to.origin}/graphql`, requestOf(to, sent))],
  ['fetch', (to, sent) => to.gateway.fetch(`${to.origin}/graphql`, requestOf(to, sent))],
];
const [[, send]] = ADAPTERS as [[string, Send]];

const CUSTOMER =
  '{ customer(customerId: "acme") { name balances { remaining feature { name } } } }';
const TRACK = `mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) {
  ... on TrackBalancePayload { balance { remaining } } } }`;
const INTROSPECTION = '{ __type(name: "Customer") { name } }';

describe.each(ADAPTERS)('through %s', (_name, through) => {
  it.each<[string, string, object]>([
    // The customer, three balances with one feature.
    ['a query', CUSTOMER, { requested: 2 + 1 + 1_000 * 3, actual: 2 + (1 + 3) + 2 }],
    [
      'a page',
      '{ customers(first: 50) { edges { node { name } } } }',
      { requested: 52, actual: 1 + 2 },
    ],
    [
      'a mutation without its variable',
      'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }',
      { requested: 10, actual: 1 },
    ],
    ['a mutation', TRACK, { requested: 10, actual: 10 }],
    ['nothing found', '{ customer(customerId: "x") { name } }', { requested: 2, actual: 1 }],
    ['an operation without data', '{ node(id: "?") { id } }', { requested: 2, actual: 1 }],
  ])('%s says what it cost if it is asked', async (_what, query, cost) => {
    const plain = await through(gateway, { query });
    const asking = await through(gateway, { query, headers: ASKING });
    const { extensions, ...answer } = await asking.json();
    expect(extensions).toEqual({ cost: { ...cost, throttleStatus: null } });
    const before = await plain.json();
    if (query !== TRACK) expect(answer).toEqual(before);
    expect(before).not.toHaveProperty('extensions');
  });

  it('the schema costs a hundredth of its fields, and 1 from the cache', async () => {
    const query = `${INTROSPECTION}# ${_name}`;
    const costs: { readonly requested: number }[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { data, extensions } = await (
        await through(gateway, { query, headers: ASKING })
      ).json();
      expect(data).toEqual({ __type: { name: 'Customer' } });
      costs.push(extensions.cost);
      expect(await (await through(gateway, { query })).json()).toEqual({ data });
    }
    expect(costs.map(({ requested }) => requested)).toEqual([1, 1, 1]);
  });

  it.each([['0'], ['false'], ['no'], ['']])('the header %j asks for nothing', async (value) => {
    const response = await through(gateway, {
      query: CUSTOMER,
      headers: { 'Tollgate-Cost': value },
    });
    expect(await response.json()).not.toHaveProperty('extensions');
  });
});

it('a large answer says it too, and is otherwise the same', async () => {
  const metadata = { text: 'é'.repeat(7_000) };
  await gateway.execute(
    `mutation ($metadata: JSON!) { updateCustomer(input: { customerId: "globex", metadata: $metadata }) {
      __typename } }`,
    { metadata },
  );
  const query = `{ ${Array.from({ length: 15 }, (_, n) => `a${n}: customer(customerId: "globex") { metadata b: metadata }`).join(' ')} }`;
  const plain = await (await send(gateway, { query })).text();
  const asking = await (await send(gateway, { query, headers: ASKING })).text();
  const { extensions, ...answer } = JSON.parse(asking);
  expect(JSON.stringify(answer)).toBe(plain);
  expect(plain.length).toBeGreaterThan(128 * 1024);
  expect(extensions.cost.requested).toBeGreaterThan(extensions.cost.actual);
});

describe('a query that would starve others', () => {
  const balances = (levels: number): string =>
    levels === 1
      ? 'balances { breakdown { remaining } }'
      : `balances { breakdown { customer { ${balances(levels - 1)} } } }`;

  it.each<[string, string]>([
    ['nested balances', `{ customer(customerId: "acme") { ${balances(4)} } }`],
    [
      'ledgers of a page of customers',
      '{ customers(first: 100) { edges { node { balances { breakdown { ledger(first: 10) { edges { node { amount } } } } } } } } }',
    ],
    [
      'ledgers with the balances of their events',
      `{ customers(first: 99) { edges { node { balances { breakdown { ledger(first: 20) { edges { node {
        event { deductions { balance { remaining } } } } } } } } } } } }`,
    ],
    [
      'a balance of each of thousands of entities',
      `{ customers(first: 100) { edges { node { entities(first: 100) { edges { node {
        balance(featureId: "messages") { remaining } } } } } } } }`,
    ],
  ])('is refused before anything is read: %s', async (_what, query) => {
    reads.length = 0;
    const { data, errors } = await gateway.execute(query);
    expect(data).toBeNull();
    expect(errors[0]?.extensions['code']).toMatch(/^(QUERY_TOO_COMPLEX|OPERATION_COST_EXCEEDED)$/);
    expect(reads).toEqual([]);
  });
});

it('an operation over the limit is 400, or 200 as GraphQL over HTTP requires, and names its cost', async () => {
  const query = `{ ${Array.from(
    { length: 20 },
    (_, n) => `a${n}: customers(first: 100) { edges { node {
    balance(featureId: "messages") { remaining } b: balance(featureId: "words") { remaining } c: balance(featureId: "calls") { usage } } } }`,
  ).join(' ')} }`;
  for (const [accept, status] of [
    ['application/json', 200],
    ['application/graphql-response+json', 400],
  ] as const) {
    const response = await send(gateway, { query, headers: { Accept: accept } });
    expect(response.status).toBe(status);
    const { errors } = await response.json();
    expect(errors).toMatchObject([
      {
        extensions: {
          code: 'OPERATION_COST_EXCEEDED',
          cost: { requested: 20 * (2 + 100 * (1 + 3 * 1_001)), maximum: 5_000_000 },
        },
      },
    ]);
  }
});

describe('the budget of a key', () => {
  const page = '{ customers(first: 100) { edges { node { balances { remaining } } } } }';

  it('refuses with 429 what it does not have, does nothing, and gives back what was not used', async () => {
    const first = await send(limited, { query: CUSTOMER, headers: ASKING });
    const { extensions } = await first.json();
    expect(extensions.cost).toMatchObject({
      requested: 3_003,
      actual: 8,
      throttleStatus: { maximumAvailable: COST_PER_MINUTE, restoreRate: COST_PER_MINUTE / 60 },
    });
    expect(extensions.cost.throttleStatus.currentlyAvailable).toBeGreaterThan(
      COST_PER_MINUTE - 100,
    );

    // What may cost more than the whole budget needs all of it.
    const responses = await Promise.all([
      send(limited, { query: page, headers: ASKING }),
      send(limited, { query: page, headers: ASKING }),
      send(limited, { query: TRACK, headers: ASKING }),
    ]);
    const answers = await Promise.all(responses.map((response) => response.json()));
    const refused = responses.findIndex(({ status }) => status === 429);
    expect(refused).toBeGreaterThanOrEqual(0);
    expect(Number(responses[refused]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(responses[refused]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answers[refused]).toMatchObject({
      errors: [
        {
          extensions: {
            code: 'COST_BUDGET_EXCEEDED',
            retryable: true,
            cost: { throttleStatus: { maximumAvailable: COST_PER_MINUTE } },
          },
        },
      ],
    });
    expect(answers[refused].errors[0].extensions).not.toHaveProperty('http');
  });

  it('is not used up by refused operations, nor by other keys', async () => {
    const invalid = '{ nothing }';
    for (let n = 0; n < 20; n += 1) await send(limited, { query: invalid });
    const { status } = await send(limited, { query: TRACK, secret: limited.foreignSecret });
    expect(status).toBe(200);
    const plain = await send(limited, { query: '{ __typename }' });
    expect(await plain.json()).toEqual({ data: { __typename: 'Query' } });
    const response = await send(limited, { query: '{ __typename }', headers: ASKING });
    expect(response.status).toBe(200);
  });
});
