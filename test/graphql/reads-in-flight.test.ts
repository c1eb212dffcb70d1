/** However many reads a project sends and however long they take, there is a place for the requests of others. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { type NodeOnly, startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

const REQUESTS_MAX = 8;
/** Three quarters of them. */
const READS_MAX = 6;

const SLOW = 'query Slow { customer(customerId: "acme") { customerId } }';
const SLOW_TRACK = `mutation Slow {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;
const MIXED = '{ __schema { queryType { name } } customer(customerId: "acme") { customerId } }';
const READ = '{ customer(customerId: "acme") { customerId } }';
const TRACK = `mutation {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;

let gateway: TestGateway;
let server: NodeOnly;
/** Let the slow reads go on. */
let slow: (() => void)[];

beforeEach(async () => {
  slow = [];
  gateway = await startTestGateway({ requestsInFlightMax: REQUESTS_MAX });
  server = await startNodeOnly(gateway.parts, async (options) => {
    if (options.operationName === 'Slow') await new Promise<void>((resolve) => slow.push(resolve));
    return executeOperation(options);
  });
  for (const secret of [gateway.secret, gateway.foreignSecret]) {
    const features = [{ featureId: 'messages' }];
    await setUp(gateway, { features, customers: [{ customerId: 'acme' }], balances: [] }, secret);
  }
});
afterEach(async () => {
  await server.close();
  await gateway.close();
});

/** The code of the first error, or the status. */
async function answer(query: string, secret = gateway.secret): Promise<unknown> {
  const response = await fetch(`${server.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { errors } = JSON.parse(await response.text());
  return errors?.[0].extensions.code ?? response.status;
}

it('a project with three quarters of the places gets READS_OVERLOADED for reads; others are served', async () => {
  const reads = Array.from({ length: READS_MAX }, () => answer(SLOW));
  await expect.poll(() => slow.length).toBe(READS_MAX);
  expect(await answer(READ)).toBe('READS_OVERLOADED');
  expect(await answer(TRACK)).toBe(200);
  expect(await answer(READ, gateway.foreignSecret)).toBe(200);
  expect(await answer(MIXED)).toBe('READS_OVERLOADED');
  for (const goOn of slow) goOn();
  expect(await Promise.all(reads)).toEqual(reads.map(() => 200));
  expect(await answer(READ)).toBe(200);
});

it('mutations take no place of reads, and a query that also reads the schema takes one', async () => {
  const writes = Array.from({ length: READS_MAX }, () => answer(SLOW_TRACK));
  const reads = Array.from({ length: READS_MAX - 1 }, () => answer(SLOW));
  await expect.poll(() => slow.length).toBe(2 * READS_MAX - 1);
  expect(await answer(MIXED)).toBe(200);
  for (const goOn of slow) goOn();
  expect(await Promise.all([...writes, ...reads])).toEqual([...writes, ...reads].map(() => 200));
});
