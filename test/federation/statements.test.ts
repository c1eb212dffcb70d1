/** What a query of the supergraph costs Tollgate: as many statements for 100 users as for one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { type GatewayClient, type Graph, graphOn } from '../support/federation/graph.js';
import { GATEWAYS } from '../support/federation/programs.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const USERS = Array.from({ length: 100 }, (_, n) => `user-${n + 1}`);

let tollgate: TestGateway;
let graph: Graph;
/** The methods of the read path that were called, each of which is a statement. */
const statements: string[] = [];

beforeAll(async () => {
  tollgate = await startTestGateway({
    subgraph: DEFAULT_PREFIXES,
    onRead: (method) => statements.push(method),
  });
  const customers = USERS.map((customerId) => ({ customerId, entities: ['seat'] }));
  const features = [{ featureId: 'api' }];
  const balances = USERS.map((customerId) => ({ customerId, featureId: 'api', granted: 100 }));
  await setUp(tollgate, { features, customers, balances });
  const usage = USERS.map((customerId) => ({ customerId, featureId: 'api' }));
  for (let nth = 1; nth <= EVENTS; nth += 1) {
    const { errors } = await tollgate.execute(
      'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }',
      { inputs: usage },
    );
    expect(errors).toEqual([]);
  }
  graph = await graphOn(tollgate, USERS);
});
afterAll(async () => {
  await graph.stop();
  await tollgate.close();
});

/** Each user has so many. */
const EVENTS = 3;

const STATE = `{ name usage {
  customerId createdAt
  balances { feature { featureId name } remaining breakdown { id granted } }
  entities(first: 5) { edges { node { entityId name } } }
} }`;

const CHECK = `{ name usage {
  check(featureId: "api", requiredBalance: 50) {
    ... on TollgateCheckBalancePayload { allowed balance { remaining } }
    ... on TollgateError { code }
  }
} }`;

const events = (first: number) => `{ name usage {
  customerId events(first: ${first}) { edges { node { value feature { name } } } }
} }`;

/** An event may be as large as two JSON texts: a statement reads 250 of them, with one more for each page (ADR 23). */
const eventPortions = (first: number) => Math.ceil((USERS.length * (first + 1)) / 250);

describe.each(Object.keys(GATEWAYS))('through %s', (name) => {
  let gateway: GatewayClient;
  beforeAll(async () => {
    gateway = await graph.gateway(name);
  });
  afterAll(() => gateway.stop());

  async function counted(query: string) {
    statements.splice(0);
    const { data, errors } = await gateway.send(query);
    expect(errors).toEqual([]);
    return { data, statements: statements.splice(0).toSorted() };
  }

  async function oneAndAll(selection: string) {
    const one = await counted(`{ user(id: "user-1") ${selection} }`);
    const all = await counted(`{ users ${selection} }`);
    expect(all.data.users).toHaveLength(USERS.length);
    expect(all.data.users[0]).toEqual(one.data.user);
    return { one: one.statements, all: all.statements };
  }

  it.each([
    ['what they have', STATE, 5],
    ['whether they may go on', CHECK, 3],
    ['the last event of each', events(1), 3],
  ])('%s takes as many for 100 users as for one', async (_what, selection, statementsMax) => {
    const { one, all } = await oneAndAll(selection);
    expect(all).toEqual(one);
    expect(all.length).toBeLessThanOrEqual(statementsMax);
  });

  it('tells of each user whether it may use a feature', async () => {
    const { data } = await counted(`{ users ${CHECK} }`);
    const check = { allowed: true, balance: { remaining: 100 - EVENTS } };
    expect(data.users).toEqual(USERS.map((id) => ({ name: `User ${id}`, usage: { check } })));
    const { data: refused } = await counted(`{ user(id: "user-1") {
      usage {
        check(featureId: "api", requiredBalance: 98) {
          ... on TollgateCheckBalancePayload { allowed reason missing { amount } largestAllowed }
        }
      }
    } }`);
    expect(refused.user.usage.check).toMatchObject({ allowed: false, missing: [{ amount: 1 }] });
  });

  it.each([2, 3, 10])('pages of %i events take one for 250 events', async (first) => {
    const { one, all } = await oneAndAll(events(first));
    const portions = eventPortions(first);
    expect(portions).toBeGreaterThan(1);
    expect(timesIn(all)['eventPages']).toBe(portions);
    // What the portions lead to is read together if they are there at the same time.
    expect(new Set(all)).toEqual(new Set(one));
    expect(Math.max(...Object.values(timesIn(all)))).toBe(portions);
  });
});

function timesIn(names: readonly string[]): Record<string, number> {
  const times: Record<string, number> = {};
  for (const name of names) times[name] = (times[name] ?? 0) + 1;
  return times;
}
