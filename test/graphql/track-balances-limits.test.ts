/** How much one request may write: one batch of up to a thousand usage events. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BATCH_INPUTS_MAX } from '../../src/schema/input/limits.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000_000 }],
  });
});
afterAll(() => gateway.close());

const BATCH = `mutation ($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) { __typename }
}`;

const inputsOf = (count: number) =>
  Array.from({ length: count }, () => ({ customerId: 'acme', featureId: 'messages' }));

const events = async () => (await gateway.sql('SELECT count(*)::int AS n FROM events'))[0]?.['n'];

describe('a batch', () => {
  it.each([1, BATCH_INPUTS_MAX])('may hold %i', async (count) => {
    const before = Number(await events());
    const { data, errors } = await gateway.execute(BATCH, { inputs: inputsOf(count) });
    expect(errors).toEqual([]);
    expect(data.trackBalances).toHaveLength(count);
    expect(await events()).toBe(before + count);
  });

  it.each([0, BATCH_INPUTS_MAX + 1, 20_000])(
    'may not hold %i: it is refused as a whole, and nothing is written',
    async (count) => {
      const before = await events();
      const { data, errors } = await gateway.execute(BATCH, { inputs: inputsOf(count) });
      expect(data).toBeNull();
      expect(errors).toMatchObject([
        {
          path: ['trackBalances'],
          message: `inputs: must be 1 to ${BATCH_INPUTS_MAX} items`,
          extensions: { code: 'BAD_USER_INPUT', issues: [{ path: 'inputs', rule: 'items' }] },
        },
      ]);
      expect(await events()).toBe(before);
    },
  );

  it.each([
    ['null', null],
    ['missing', undefined],
    ['a list that contains null', [...inputsOf(1), null]],
    ['a list with an item of the wrong type', [...inputsOf(1), { ...inputsOf(1)[0], value: '1' }]],
    ['a list with an item that has no customer', [...inputsOf(1), { featureId: 'messages' }]],
  ])(
    'may not be %s: it does not match the schema, and nothing is written',
    async (_what, inputs) => {
      const before = await events();
      const { data, errors } = await gateway.execute(BATCH, { inputs });
      expect(data).toBeNull();
      expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
      expect(await events()).toBe(before);
    },
  );

  it('may be as large as a request body, however large its properties are', async () => {
    const [input] = inputsOf(1);
    const inputs = (count: number) =>
      Array.from({ length: count }, () => ({ ...input, properties: { a: 'x'.repeat(60_000) } }));
    const { data } = await gateway.execute(BATCH, { inputs: inputs(34) });
    expect(data.trackBalances).toHaveLength(34);
    const { status, errors } = await gateway.execute(BATCH, { inputs: inputs(35) });
    expect({ status, code: errors[0]?.extensions['code'] }).toEqual({
      status: 413,
      code: 'REQUEST_TOO_LARGE',
    });
  });
});

describe('an operation', () => {
  const batch = (alias: string) =>
    `${alias}: trackBalances(inputs: [{ customerId: "acme", featureId: "messages" }]) {
      __typename
    }`;
  const track = 'trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }';
  const codeOf = async (query: string) =>
    (await gateway.execute(query)).errors[0]?.extensions['code'] ?? 'OK';

  it('may contain one batch besides other fields', async () => {
    const others = Array.from({ length: 19 }, (_, index) => `t${index}: ${track}`).join('\n');
    expect(await codeOf(`mutation { ${others} ${batch('b')} }`)).toBe('OK');
    expect(await codeOf(`mutation { ...F } fragment F on Mutation { ${batch('b')} }`)).toBe('OK');
  });

  it.each([
    ['by aliases', `mutation { ${batch('a')} ${batch('b')} }`],
    ['inline', `mutation { ${batch('a')} ... on Mutation { ${batch('b')} } }`],
    ['in a fragment', `mutation { ...F } fragment F on Mutation { ${batch('a')} ${batch('b')} }`],
    [
      'in fragments of fragments',
      `mutation { ...F ...G } fragment F on Mutation { ...G ${batch('a')} }
        fragment G on Mutation { ${batch('b')} }`,
    ],
    [
      'of different verbs',
      `mutation { ${batch('a')} releaseReservations(inputs: [{ customerId: "acme", reservationId: "r" }]) { __typename } }`,
    ],
    [
      'in one of several operations',
      `query A { __typename } mutation B { ${batch('a')} ${batch('b')} }`,
    ],
  ])('may not contain two batches %s, and nothing is written', async (_how, query) => {
    const before = await events();
    expect(await codeOf(query)).toBe('QUERY_TOO_COMPLEX');
    expect(await events()).toBe(before);
  });
});
