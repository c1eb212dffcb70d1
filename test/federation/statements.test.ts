/** What a query of the supergraph costs Tollgate: as many statements for 100 users as for one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { type Graph, graphOn } from '../support/federation/graph.js';
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
  const customers = USERS.map((customerId) => ({ customerId }));
  await setUp(tollgate, {
    features: [{ featureId: 'api' }],
    customers,
    balances: customers.map((customer) => ({ ...customer, featureId: 'api', granted: 100 })),
  });
  graph = await graphOn(tollgate, USERS);
});
afterAll(async () => {
  await graph.stop();
  await tollgate.close();
});

const SELECTION = `{ name usage {
  customerId createdAt
  balances { feature { featureId name } remaining breakdown { id granted } }
} }`;

it.each(Object.keys(GATEWAYS))('through %s', async (name) => {
  const gateway = await graph.gateway(name);
  const counted = async (query: string) => {
    statements.splice(0);
    const { data, errors } = await gateway.send(query);
    expect(errors).toEqual([]);
    return { data, statements: statements.splice(0).toSorted() };
  };
  const one = await counted(`{ user(id: "user-1") ${SELECTION} }`);
  const all = await counted(`{ users ${SELECTION} }`);
  expect(all.data.users).toHaveLength(USERS.length);
  expect(all.data.users[0]).toEqual(one.data.user);
  expect(all.statements).toEqual(one.statements);
  expect(all.statements.length).toBeLessThanOrEqual(5);
  await gateway.stop();
});
