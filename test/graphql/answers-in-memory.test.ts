/** Large answers that clients do not read take a limited amount of memory, and others are served. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANSWERS_BYTES_MAX } from '../../src/http/stages.js';
import { METADATA_BYTES_MAX } from '../../src/schema/input/limits.js';
import { openRaw, type RawConnection, rawPost } from '../support/client/raw-http.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
const unread: RawConnection[] = [];

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

/** More than there is room for. */
const CLIENTS_MAX = 8;

beforeAll(async () => {
  gateway = await startTestGateway({ operationBounds: { resultBytesMax: 32 * 1024 * 1024 } });
  for (const secret of [gateway.secret, gateway.foreignSecret]) {
    await setUp(gateway, { features: [], customers: CUSTOMERS, balances: [] }, secret);
  }
  await gateway.sql('UPDATE customers SET metadata = $1', [
    { note: 'x'.repeat(METADATA_BYTES_MAX - 20) },
  ]);
  const post = rawPost(JSON.stringify({ query: LARGE }), {
    Authorization: `Bearer ${gateway.secret}`,
  });
  let status = '200';
  while (status === '200' && unread.length < CLIENTS_MAX) {
    const connection = openRaw(gateway.origin);
    unread.push(connection);
    connection.write(post);
    const head = await connection.received(/^HTTP.1.1 \d+/);
    connection.socket.pause();
    status = head.slice(9, 12);
  }
});
afterAll(() => gateway.close());

const codeOfLarge = () => codeOf(gateway.secret);

async function codeOf(secret: string): Promise<unknown> {
  const { status, errors } = await gateway.execute(LARGE, {}, secret);
  return errors[0]?.extensions['code'] ?? status;
}

it('a large answer is refused once those of the project take half of the memory', async () => {
  const held = unread.length - 1;
  const counted = (CUSTOMERS.length * TIMES * METADATA_BYTES_MAX * 2) / 3;
  expect(held).toBe(Math.floor(ANSWERS_BYTES_MAX / 2 / counted));
  expect(await codeOfLarge()).toBe('READS_OVERLOADED');
});

it('small answers of the project are given', async () => {
  expect(await gateway.execute(SMALL)).toMatchObject({ status: 200, errors: [] });
});

it('a mutation is answered, however large its answer', async () => {
  const { data, errors } = await gateway.execute(WRITE);
  expect(errors).toEqual([]);
  for (const { customer } of Object.values<typeof data>(data)) {
    expect(Object.keys(customer)).toHaveLength(TIMES);
  }
});

it('large answers to other projects are given', async () => {
  expect(await codeOf(gateway.foreignSecret)).toBe(200);
});

it('the memory is free again once the clients have left', async () => {
  for (const { socket } of unread) socket.destroy();
  await expect.poll(codeOfLarge, { timeout: 10_000 }).toBe(200);
});
