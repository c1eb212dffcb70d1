/** Large answers, which are encoded in several turns, have the same bytes as if they were encoded at once. */
import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const CUSTOMERS = Array.from({ length: 40 }, (_, n) => `customer-${n + 10}`);

/** Half of the characters of the text take two bytes. */
const metadataOf = (customerId: string) => ({
  name: customerId,
  text: 'aé'.repeat(2_500),
  list: Array.from({ length: 500 }, (_, n) => n / 8),
  empty: [{}, [], null, ''],
});

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: CUSTOMERS.map((customerId) => ({ customerId })),
    balances: [],
  });
  for (const customerId of CUSTOMERS) {
    const { errors } = await gateway.execute(
      'mutation ($input: CustomersUpdateInput!) { updateCustomer(input: $input) { __typename } }',
      { input: { customerId, metadata: metadataOf(customerId) } },
    );
    expect(errors).toEqual([]);
  }
});
afterAll(() => gateway.close());

async function ask(query: string) {
  const response = await gateway.send({ body: { query } });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  const text = bytes.toString();
  // As written by the encoder of small answers.
  expect(text).toBe(JSON.stringify(JSON.parse(text)));
  return { status: response.status, bytes: bytes.length, ...JSON.parse(text) };
}

describe('an answer of 400 KiB', () => {
  it('contains everything that was stored', async () => {
    const { status, bytes, data, errors } = await ask(
      '{ customers(first: 40) { edges { node { customerId metadata } } } }',
    );
    expect(bytes).toBeGreaterThan(400 * 1024);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data.customers.edges).toEqual(
      CUSTOMERS.map((customerId) => ({ node: { customerId, metadata: metadataOf(customerId) } })),
    );
  });

  it('contains its errors as well', async () => {
    const { status, bytes, data, errors } = await ask(`{
      customers(first: 40) { edges { node { metadata } } }
      wrong: customer(customerId: "not an id") { id }
    }`);
    expect(bytes).toBeGreaterThan(400 * 1024);
    expect(status).toBe(200);
    expect(data.customers.edges).toHaveLength(40);
    expect(data.wrong).toBeNull();
    expect(errors).toHaveLength(1);
  });
});
