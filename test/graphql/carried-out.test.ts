/** An error after a mutation has been carried out says so: a client that repeats the operation would do it twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockTimeoutError } from '../../src/domain/unavailable.js';
import { customerScope } from '../../src/meter/customer-key.js';
import type { WriteQueue } from '../../src/meter/write/write-queue.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { type NodeOnly, startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
/** On the same database, with a customer that is locked. */
let server: NodeOnly;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'ann' }, { customerId: 'held' }],
    balances: [],
  });
  const { writeQueue } = gateway.parts;
  const held = customerScope(gateway.projectId, 'held').customerKey;
  const submit: WriteQueue['submit'] = (command) =>
    command.scope.customerKey === held
      ? Promise.reject(new LockTimeoutError())
      : writeQueue.submit(command);
  server = await startNodeOnly({ ...gateway.parts, writeQueue: { ...writeQueue, submit } });
});
afterAll(async () => {
  await server.close();
  await gateway.close();
});

const track = (customerId: string, selection = '{ __typename }') =>
  `trackBalance(input: { customerId: ${customerId}, featureId: "messages" }) ${selection}`;

const HELD_ITEM = '{ customerId: "held", featureId: "messages" }';
const NOBODY_ITEM = '{ customerId: "nobody", featureId: "messages" }';

async function eventsOfAnn(): Promise<number> {
  const [row] = await gateway.sql(`SELECT count(*)::int FROM events
    JOIN customers USING (customer_key) WHERE customers.id = 'ann'`);
  return Number(row?.['count']);
}

async function answerTo(query: string, variables = {}) {
  const response = await fetch(`${server.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ...JSON.parse(await response.text()),
  };
}

describe.each([
  ['a later one is refused for its arguments', 'BAD_USER_INPUT', `b: ${track('$id')}`, ['a']],
  ['a later one cannot be decided', 'CUSTOMER_LOCKED', `b: ${track('"held"')}`, ['a']],
  [
    'there are others between',
    'CUSTOMER_LOCKED',
    `b: ${track('"ann"')} c: ${track('"held"')}`,
    ['a', 'b'],
  ],
  [
    'a part of its own answer fails',
    'BAD_USER_INPUT',
    `b: ${track('"ann"', '{ ... on TrackBalancePayload { customer { events(first: 101) { edges { cursor } } } } }')}`,
    ['a', 'b'],
  ],
])('a mutation that was carried out although %s', (_what, code, rest, carriedOut) => {
  it('is named by an answer that does not invite to repeat it', async () => {
    const before = await eventsOfAnn();
    const id = rest.includes('$id') ? '($id: String = "ann")' : '';
    const query = `mutation ${id} { a: ${track('"ann"')} ${rest} }`;
    const { status, retryAfter, data, errors } = await answerTo(query, { id: null });
    expect({ status, retryAfter, data }).toEqual({ status: 200, retryAfter: null, data: null });
    const { message, extensions } = errors.at(-1);
    expect(message).toContain(
      `the operation has carried out ${carriedOut.map((key) => `"${key}"`).join(', ')}, and what that wrote is kept`,
    );
    expect(extensions).toMatchObject({ code, carriedOut });
    expect(extensions).not.toHaveProperty('retryable');
    expect(await eventsOfAnn()).toBe(before + carriedOut.length);
  });
});

describe.each([
  [
    'a batch whose items have all failed',
    `trackBalances(inputs: [${HELD_ITEM} ${HELD_ITEM}]) { __typename }`,
  ],
  ['a batch whose items were refused', `trackBalances(inputs: [${NOBODY_ITEM}]) { __typename }`],
  ['a refusal', track('"nobody"')],
  ['an invalid input', track('""')],
])('%s before an error', (_what, first) => {
  it('is not told as carried out, and can be retried', async () => {
    const query = `mutation { a: ${first} b: ${track('"held"')} }`;
    const { status, retryAfter, data, errors } = await answerTo(query);
    expect({ status, retryAfter, data }).toEqual({ status: 503, retryAfter: '1', data: null });
    for (const { message, extensions } of errors) {
      expect(message).not.toContain('carried out');
      expect(extensions).toMatchObject({ code: 'CUSTOMER_LOCKED', retryable: true });
    }
  });
});

it('an answer that turns out to be too large has no data, but an entry for it', async () => {
  // Quotation marks take twice as many bytes once they are written.
  const small = await startTestGateway({ operationBounds: { resultBytesMax: 4_500 } });
  await setUp(small, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'ann' }],
    balances: [],
  });
  const keys = Array.from({ length: 15 }, (_, n) => `k${n}: idempotencyKey`).join(' ');
  const response = await small.send({
    headers: { accept: 'application/graphql-response+json' },
    body: {
      query: `mutation ($key: String) { trackBalance(input: {
        customerId: "ann", featureId: "messages", idempotencyKey: $key }) {
        ... on TrackBalancePayload { event { ${keys} } } } }`,
      variables: { key: '"'.repeat(200) },
    },
  });
  const { data, errors } = JSON.parse(await response.text());
  expect({ status: response.status, data }).toEqual({ status: 200, data: null });
  expect(errors[0].extensions).toMatchObject({
    code: 'RESULT_TOO_LARGE',
    carriedOut: ['trackBalance'],
  });
  await small.close();
});

it('an operation that has carried out nothing is told as before', async () => {
  const { status, retryAfter, errors } = await answerTo(`mutation { ${track('"held"')} }`);
  expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: '1' });
  expect(errors[0].message).toMatch(/Nothing was written; retry in a moment/);
  expect(errors[0].message).not.toContain('carried out');
});
