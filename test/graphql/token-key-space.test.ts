/** Idempotency keys that are sent with a customer token are in a space of their own: a customer neither replays nor blocks its server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACME, startTokenGateway, type TokenGateway } from '../support/access/token-gateway.js';

let gateway: TokenGateway;

beforeAll(async () => {
  gateway = await startTokenGateway();
});
afterAll(() => gateway.close());

interface Call {
  readonly key: string;
  readonly value?: number;
  readonly entityId?: string;
}

const document = ({ key, value = 1, entityId }: Call) => `mutation {
  trackBalance(input: {
    customerId: "${ACME}", featureId: "messages-hidden", value: ${value}, idempotencyKey: "${key}"
    ${entityId === undefined ? '' : `entityId: "${entityId}"`}
  }) {
    ... on TrackBalancePayload { replayed event { id idempotencyKey } }
    ... on IdempotencyConflictError { code field message idempotencyKey }
  }
}`;

type Caller = 'server' | 'customer' | 'seat' | 'desk';

async function call(by: Caller, input: Call) {
  const entity = {
    server: undefined,
    customer: undefined,
    seat: 'seat-hidden',
    desk: 'desk-hidden',
  };
  const entityId = entity[by];
  const key = by === 'server' ? gateway.secret : gateway.customerKey;
  const token = by === 'server' ? undefined : await gateway.tokenFor(ACME, entityId);
  const query = document({ ...input, ...(entityId !== undefined && { entityId }) });
  return (await gateway.answer(query, key, token)).data.trackBalance;
}

it.each<[Caller, Caller]>([
  ['server', 'customer'],
  ['customer', 'server'],
  ['seat', 'customer'],
  ['customer', 'desk'],
  ['seat', 'desk'],
])('a key of the %s is none of the %s', async (first, second) => {
  const key = `${first} before ${second}`;
  const one = await call(first, { key, value: 2 });
  expect(one).toMatchObject({ replayed: false, event: { idempotencyKey: key } });
  // With other input, which within one space would be a conflict.
  const other = await call(second, { key, value: 3 });
  expect(other).toMatchObject({ replayed: false, event: { idempotencyKey: key } });
  expect(await call(first, { key, value: 2 })).toEqual({ ...one, replayed: true });
  expect(await call(second, { key, value: 3 })).toEqual({ ...other, replayed: true });
});

it.each<Caller>(['server', 'customer', 'seat'])(
  'within the space of the %s, a key with other input is a conflict that names the key as it was given',
  async (by) => {
    const key = `conflict of ${by}`;
    await call(by, { key });
    const conflict = await call(by, { key, value: 2 });
    expect(conflict).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      idempotencyKey: key,
      field: 'value',
    });
    expect(conflict.message).toContain(`"${key}"`);
    expect(JSON.stringify(conflict)).not.toContain('customer-token:');
  },
);

it('the key of a header, and the longest key, are in that space as well', async () => {
  const key = 'k'.repeat(255);
  expect(await call('customer', { key })).toMatchObject({ replayed: false });
  expect(await call('customer', { key })).toMatchObject({ replayed: true });
  const send = async (token?: string) => {
    const response = await gateway.send({
      headers: {
        authorization: `Bearer ${gateway.secret}`,
        'idempotency-key': 'header',
        ...(token !== undefined && { 'tollgate-customer-token': token }),
      },
      body: {
        query: `mutation { trackBalance(input: { customerId: "${ACME}", featureId: "messages-hidden" }) {
          ... on TrackBalancePayload { replayed } } }`,
      },
    });
    return (await response.json()).data.trackBalance.replayed;
  };
  const token = await gateway.tokenFor(ACME);
  expect([await send(), await send(token), await send(), await send(token)]).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

it('a key that the server has used is stored as before, so that releases before and after this one find it', async () => {
  await call('server', { key: 'as before' });
  const rows = await gateway.sql('SELECT key FROM idempotency_keys WHERE key = $1', ['as before']);
  expect(rows).toHaveLength(1);
  const spaced = await gateway.sql(
    `SELECT key FROM idempotency_keys WHERE key LIKE 'customer-token:%' AND key !~ '^customer-token:[0-9a-f]{64}$'`,
  );
  expect(spaced).toEqual([]);
});
