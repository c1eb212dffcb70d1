/**
 * Costs are calibrated: whatever is asked, the statements that an operation takes and the rows that these give are within the
 * cost that it is told, which is within the cost that was computed before it ran. Random operations, over HTTP, on data
 * that fills lists.
 */
import * as fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';
import { randomOf } from '../support/random/random.js';
import { randomQuery } from '../support/random/random-queries.js';

const CUSTOMERS = ['ann', 'ben', 'cem', 'dan', 'eve', 'fay'] as const;
const ENTITIES = ['seat', 'desk'] as const;
const FEATURES = ['messages', 'words', 'credits'] as const;

let gateway: TestGateway;
let nodeIds: readonly string[] = [];

/** What the read pool has been asked for. */
const spent = { statements: 0, rows: 0 };

function watchReads(): void {
  const { query } = pg.Pool.prototype;
  const watched = async function (this: pg.Pool, statement: unknown): Promise<unknown> {
    const result = await Reflect.apply(query, this, [statement]);
    const { rowMode, text = '' } = statement as {
      readonly rowMode?: string;
      readonly text?: string;
    };
    // Keys are cached for a while; this gateway reads its key for each request.
    if (rowMode !== 'array' || text.includes('FROM api_keys')) return result;
    spent.statements += 1;
    spent.rows += (result as pg.QueryResult).rows.length;
    return result;
  };
  vi.spyOn(pg.Pool.prototype, 'query').mockImplementation(watched as typeof query);
}

beforeAll(async () => {
  gateway = await startTestGateway({ subgraph: DEFAULT_PREFIXES });
  await setUp(gateway, {
    features: [
      { featureId: 'messages', eventNames: ['both'] },
      { featureId: 'words', eventNames: ['both'] },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: ['messages', 'words'].map((featureId) => ({ featureId, cost: 2 })),
      },
    ],
    customers: CUSTOMERS.map((customerId) => ({ customerId, entities: [...ENTITIES] })),
    balances: CUSTOMERS.flatMap((customerId) =>
      [
        { featureId: 'messages', granted: 5 },
        { featureId: 'messages', granted: 5, entityId: 'seat' },
        { featureId: 'words', granted: 5, entityId: 'seat' },
        { featureId: 'credits', granted: 70 },
      ].map((balance) => ({ customerId, ...balance })),
    ),
  });
  const track =
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }';
  for (const customerId of CUSTOMERS) {
    for (const value of [1, 12, 3]) {
      const input = { customerId, entityId: 'seat', eventName: 'both', value };
      const { data } = await gateway.execute(track, { input });
      expect(data.trackBalance.__typename).toBe('TrackBalancePayload');
    }
  }
  const { data } = await gateway.execute(`{
    customers { edges { node { id entities { edges { node { id } } } } } }
    features { edges { node { id } } }
    events(first: 5) { edges { node { id deductions { balance { id ledger(first: 1) { edges { node { id } } } } } } } }
  }`);
  nodeIds = [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
  watchReads();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await gateway.close();
});
beforeEach(() => {
  Object.assign(spent, { statements: 0, rows: 0 });
});

/** The cost of an operation as it is told, and what it really took. */
async function costOf(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  path = '/graphql',
) {
  Object.assign(spent, { statements: 0, rows: 0 });
  const headers = { 'Tollgate-Cost': 'true' };
  const response = await gateway.send({ path, headers, body: { query, variables } });
  const { data, errors, extensions } = await response.json();
  return { data, errors, ...extensions?.cost, ...spent };
}

const NAMED: Readonly<Record<string, readonly [string, ...string[]]>> = {
  customerId: [...CUSTOMERS, 'nobody'],
  entityId: ENTITIES,
  featureId: FEATURES,
};

function operationOf(seed: number) {
  const random = randomOf(seed);
  return randomQuery({
    schema,
    random,
    argument: (name, field) => {
      const check = `{ customerId: "${random.pick(CUSTOMERS)}", eventName: "both", ${field === 'explainTrack' ? 'value' : 'requiredBalance'}: 9 }`;
      if (name === 'input') return check;
      if (name === 'inputs') return `[${check}, ${check}]`;
      const [first = '', ...others] = NAMED[name] ?? nodeIds;
      return JSON.stringify(random.pick([first, ...others]));
    },
    // Only an admin key can list projects.
    without: ['projects'],
    depthMax: random.whole(2, 7),
    pageMax: 8,
  });
}

it('the statements and rows of a query are within its cost', { timeout: 240_000 }, async () => {
  let told = 0;
  let close = 0;
  await fc.assert(
    fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
      const { query, variables } = operationOf(seed);
      const cost = await costOf(query, variables);
      if (cost.requested === undefined) {
        // It was refused, for its size or its cost.
        expect(cost).toMatchObject({ statements: 0, rows: 0 });
        return;
      }
      told += 1;
      const taken = cost.statements + cost.rows;
      close += Number(taken > 5 && taken * 2 > cost.actual);
      const shown = `${query} ${JSON.stringify(variables)}`;
      expect(taken, shown).toBeLessThanOrEqual(Math.max(1, cost.actual));
      expect(cost.actual, shown).toBeLessThanOrEqual(cost.requested);
    }),
    { numRuns: 250 },
  );
  // Most are answered, and what many are told is not much more than what they took.
  expect(told).toBeGreaterThan(150);
  expect(close).toBeGreaterThan(25);
});

it('so are those of the entities that a gateway refers to, which are as many as it sends', async () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Customer { name balances { remaining feature { name } } }
    ... on TollgateCustomerEntity { name balances { remaining } customer { name } }
    ... on TollgateFeature { type }
  } }`;
  const perItem = 2 + 1 + 1_000 * (1 + 2);
  for (const count of [0, 1, 4]) {
    const representations = Array.from({ length: count }, () => [
      ...CUSTOMERS.map((customerId) => ({ __typename: 'Customer', customerId })),
      ...CUSTOMERS.map((customerId) => ({
        __typename: 'TollgateCustomerEntity',
        customer: { customerId },
        entityId: 'seat',
      })),
      ...FEATURES.map((featureId) => ({ __typename: 'TollgateFeature', featureId })),
    ]).flat();
    const cost = await costOf(query, { representations }, '/subgraph');
    expect(cost.errors).toBeUndefined();
    expect(cost.requested).toBe(1 + representations.length * perItem);
    expect(cost.statements + cost.rows).toBeLessThanOrEqual(Math.max(1, cost.actual));
    expect(cost.actual).toBeLessThanOrEqual(cost.requested);
  }
});
