/** Large answers that clients do not read take a limited amount of memory, and others are served. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ANSWERS_BYTES_MAX } from '../../src/http/stages.js';
import { METADATA_BYTES_MAX } from '../../src/schema/input/limits.js';
import { openRaw, type RawConnection, rawPost } from '../support/client/raw-http.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let unread: RawConnection[] = [];

const CUSTOMERS = Array.from({ length: 10 }, (_, n) => ({ customerId: `customer-${n}` }));

/** Makes answers of 19 MiB: the system's buffers take several MiB of what a client does not read. */
const TIMES = 120;
const METADATA = Array.from({ length: TIMES }, (_, n) => `m${n}: metadata`).join(' ');
const LARGE = `{ customers(first: 10) { edges { node { ${METADATA} } } } }`;

const WRITE = `mutation { ${CUSTOMERS.map(
  ({ customerId }, n) => `u${n}: updateCustomer(input: { customerId: "${customerId}" }) {
    ... on UpdateCustomerPayload { customer { ...Metadata } } }`,
).join(' ')} } fragment Metadata on Customer { ${METADATA} }`;
const SMALL = '{ customer(customerId: "customer-1") { customerId } }';

/** By the end, an answer takes its size; until then, at least two thirds of it are counted. */
const BYTES = CUSTOMERS.length * TIMES * METADATA_BYTES_MAX;
const BYTES_COUNTED = (BYTES * 2) / 3;
const UNREAD_MAX = 1 + Math.floor((ANSWERS_BYTES_MAX / 2 - BYTES_COUNTED) / BYTES);

beforeAll(async () => {
  gateway = await startTestGateway({ operationBounds: { resultBytesMax: 32 * 1024 * 1024 } });
  for (const secret of [gateway.secret, gateway.foreignSecret]) {
    await setUp(gateway, { features: [], customers: CUSTOMERS, balances: [] }, secret);
  }
  await gateway.sql('UPDATE customers SET metadata = $1', [
    { note: 'x'.repeat(METADATA_BYTES_MAX - 20) },
  ]);
});
afterAll(() => gateway.close());
afterEach(() => {
  for (const { socket } of unread) socket.destroy();
  unread = [];
});

/** Sends requests and reads no more than the beginning of their answers, until one is refused or too many are answered. */
async function fill(request: string): Promise<void> {
  let isAnswered = true;
  while (isAnswered && unread.length <= 2 * UNREAD_MAX) {
    const connection = openRaw(gateway.origin);
    unread.push(connection);
    connection.write(request);
    const beginning = await connection.received(/\r\n\r\n.{9}/);
    connection.socket.pause();
    isAnswered = beginning.includes('\r\n\r\n{"data":{');
  }
}

/** The code of the first error, or the status. */
async function answer(query: string, secret = gateway.secret): Promise<unknown> {
  const { status, errors } = await gateway.execute(query, {}, secret);
  return errors[0]?.extensions['code'] ?? status;
}

const withKey = () => ({ Authorization: `Bearer ${gateway.secret}` });

it.each([
  ['POST', () => rawPost(JSON.stringify({ query: LARGE }), withKey())],
  [
    'GET',
    () =>
      `GET /graphql?query=${encodeURIComponent(LARGE)} HTTP/1.1\r\nHost: localhost\r\n` +
      `Authorization: ${withKey().Authorization}\r\n\r\n`,
  ],
])(
  'a large answer to a %s is refused while those of the project take half of the memory',
  async (_method, request) => {
    await fill(request());
    expect(unread.length - 1).toBe(UNREAD_MAX);
    expect(await answer(LARGE)).toBe('READS_OVERLOADED');
    expect(await answer(SMALL)).toBe(200);
    expect(await answer(LARGE, gateway.foreignSecret)).toBe(200);
    for (const { socket } of unread) socket.destroy();
    await expect.poll(() => answer(LARGE)).toBe(200);
  },
);

it('a mutation is answered however much memory the answers to queries take', async () => {
  await fill(rawPost(JSON.stringify({ query: LARGE }), withKey()));
  const { data, errors } = await gateway.execute(WRITE);
  expect(errors).toEqual([]);
  for (const { customer } of Object.values<typeof data>(data)) {
    expect(Object.keys(customer)).toHaveLength(TIMES);
  }
});

it('the answers to mutations that clients do not read take a limited amount of memory as well', async () => {
  await fill(rawPost(JSON.stringify({ query: WRITE }), withKey()));
  expect(unread.length - 1).toBe(UNREAD_MAX);
  const { errors } = await gateway.execute(WRITE);
  expect(errors[0]?.extensions['code']).toBe('OUTCOME_UNKNOWN');
  expect(errors[0]?.message).toMatch(
    /^There is no memory left for the answer, .* is kept\. Read those answers, then retry/,
  );
  expect(await answer(LARGE)).toBe(200);
  expect(await answer(WRITE, gateway.foreignSecret)).toBe(200);
});
