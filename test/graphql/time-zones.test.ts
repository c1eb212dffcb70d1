/** R15 over HTTP: the time zone of a balance's resets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});

afterAll(() => gateway.close());

const FIELDS = 'id resetInterval resetAnchor resetTimeZone nextResetAt';

async function grant(fields: string) {
  const { data, errors } = await gateway.execute(`mutation { answer: createBalance(input: {
    customerId: "acme", featureId: "messages", granted: 5, ${fields}
  }) {
    ... on CreateBalancePayload { replayed balance { ${FIELDS} } }
    ... on Error { code }
    ... on IdempotencyConflictError { field }
    ... on InvalidInputError { issues { path rule value } }
  } }`);
  expect(errors).toEqual([]);
  return data.answer;
}

const DAILY = 'resetInterval: DAY, resetAnchor: "2026-01-01T00:00:00+05:45"';

describe('resetTimeZone', () => {
  it('is shown as the database spells it, on creation and on reading', async () => {
    const { balance } = await grant(`${DAILY}, resetTimeZone: "asia/kathmandu"`);
    expect(balance).toMatchObject({ resetTimeZone: 'Asia/Kathmandu' });
    expect(balance.nextResetAt).toMatch(/T18:15:00\.000Z$/);
    const { data } = await gateway.execute(
      `{ node(id: "${balance.id}") { ... on Balance { ${FIELDS} } }
        customer(customerId: "acme") { balances { breakdown { ${FIELDS} } } } }`,
    );
    expect(data.node).toEqual(balance);
    expect(data.customer.balances[0].breakdown).toEqual([balance]);
    await gateway.execute(
      'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
    );
    const [row] = await gateway.sql('SELECT reset_time_zone FROM balances ORDER BY id LIMIT 1');
    expect(row).toEqual({ reset_time_zone: 'Asia/Kathmandu' });
  });

  it('is UTC if omitted, and null if nothing resets', async () => {
    expect(await grant(DAILY)).toMatchObject({ balance: { resetTimeZone: 'UTC' } });
    expect(await grant('priority: 1')).toMatchObject({ balance: { resetTimeZone: null } });
  });

  it.each(['Mars/Olympus', '+01:00', '', 'CST', 'x'.repeat(300)])(
    'is refused: %s',
    async (name) => {
      const { code, issues } = await grant(`${DAILY}, resetTimeZone: "${name}"`);
      expect(code).toBe('INVALID_INPUT');
      expect(issues).toMatchObject([{ path: 'resetTimeZone', rule: 'time_zone' }]);
      expect(issues[0].value).toContain(name.slice(0, 50));
    },
  );

  it('is refused without an interval', async () => {
    expect(await grant('resetTimeZone: "Europe/Berlin"')).toMatchObject({
      issues: [{ path: 'resetTimeZone', rule: 'needs' }],
    });
  });

  it('must be the same in a retry, regardless of case', async () => {
    const first = await grant(`${DAILY}, resetTimeZone: "Europe/Berlin", idempotencyKey: "z1"`);
    expect(await grant(`${DAILY}, resetTimeZone: "EUROPE/berlin", idempotencyKey: "z1"`)).toEqual({
      ...first,
      replayed: true,
    });
    for (const other of ['', 'resetTimeZone: "Europe/Paris",']) {
      expect(await grant(`${DAILY}, ${other} idempotencyKey: "z1"`)).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        field: 'resetTimeZone',
      });
    }
    const utc = await grant(`${DAILY}, idempotencyKey: "z2"`);
    expect(await grant(`${DAILY}, resetTimeZone: "utc", idempotencyKey: "z2"`)).toEqual({
      ...utc,
      replayed: true,
    });
  });
});

describe('a stored zone that this gateway does not know', () => {
  const LOST = {
    message: expect.stringMatching(/time zone "Mars\/Olympus", which the Node.js of this gateway/),
    extensions: { code: 'TIME_ZONE_UNKNOWN' },
  };
  const PAYLOAD = { __typename: 'TrackBalancePayload' };

  beforeAll(async () => {
    await setUp(gateway, {
      features: [],
      customers: [{ customerId: 'lost' }, { customerId: 'found' }],
      balances: ['lost', 'found'].map((customerId) => ({
        customerId,
        featureId: 'messages',
        granted: 5,
        resetInterval: 'DAY',
      })),
    });
    // As a gateway with newer time zone data would leave it, with a period that has ended.
    await gateway.sql(`WITH lost AS (UPDATE customers SET version = version + 1 WHERE id = 'lost' RETURNING 1)
      UPDATE balances SET reset_time_zone = 'Mars/Olympus', next_reset_at = now() - interval '1 day',
        reset_anchor = now() - interval '9 days'
      FROM customers c, lost WHERE c.customer_key = balances.customer_key AND c.id = 'lost'`);
  });

  it('is named in the error, and other items of a batch are not affected', async () => {
    const inputs = ['found', 'lost', 'found', 'lost'].map((customerId) => ({
      customerId,
      featureId: 'messages',
    }));
    const query = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { __typename } }`;
    for (let time = 0; time < 2; time += 1) {
      const { status, data, errors } = await gateway.execute(query, { inputs });
      expect({ status, data }).toEqual({
        status: 200,
        data: { trackBalances: [PAYLOAD, null, PAYLOAD, null] },
      });
      expect(errors).toMatchObject([1, 3].map((n) => ({ ...LOST, path: ['trackBalances', n] })));
    }
  });

  it('is named in the error of a read, which returns the other customers', async () => {
    const usage = (id: string) => `customer(customerId: "${id}") { balances { usage } }`;
    const both = await gateway.execute(
      `{ customers { edges { node { customerId balance(featureId: "messages") { usage } } } } }`,
    );
    const { data, errors } = await gateway.execute(`{ a: ${usage('found')} b: ${usage('lost')} }`);
    expect(data).toMatchObject({ a: { balances: [{ usage: 4 }] }, b: null });
    expect(errors).toMatchObject([{ ...LOST, path: ['b', 'balances'] }]);
    expect(both.errors).toMatchObject([LOST]);
    expect(both.data.customers.edges).toHaveLength(3);
  });
});
