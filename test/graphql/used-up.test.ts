/** R7: the limit on a customer's balances counts only those that are neither used up nor ended. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BALANCES_PER_CUSTOMER_MAX } from '../../src/domain/room.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const ROOT_FIELDS = 20;
const DAY_MS = 86_400_000;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: ['hoarder', 'spender', 'waiter'].map((customerId) => ({ customerId })),
    balances: [],
  });
});

afterAll(() => gateway.close());

/** Grants 1 this many times; returns how many grants were refused. */
async function grant(customerId: string, count: number, fields = ''): Promise<number> {
  let refused = 0;
  for (let done = 0; done < count; done += ROOT_FIELDS) {
    const aliases = Array.from(
      { length: Math.min(ROOT_FIELDS, count - done) },
      (_, index) =>
        `g${index}: createBalance(input: {
        customerId: "${customerId}", featureId: "messages", granted: 1 ${fields}
      }) { ... on InvalidInputError { issues { rule } } }`,
    );
    const { data, errors } = await gateway.execute(`mutation { ${aliases.join('\n')} }`);
    expect(errors).toEqual([]);
    refused += Object.values(data).filter((answer) => JSON.stringify(answer) !== '{}').length;
  }
  return refused;
}

/** Grants one balance and copies it up to the limit, which is faster than a thousand calls. */
async function fill(customerId: string, fields = ''): Promise<void> {
  expect(await grant(customerId, 1, fields)).toBe(0);
  await gateway.sql(
    `INSERT INTO balances SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid()))).*
      FROM balances b JOIN customers c USING (customer_key), generate_series(2, $2::int)
      WHERE c.id = $1`,
    [customerId, BALANCES_PER_CUSTOMER_MAX],
  );
  await gateway.sql('UPDATE customers SET version = version + 1 WHERE id = $1', [customerId]);
}

async function track(customerId: string, value: number) {
  const { data } = await gateway.execute(`mutation { trackBalance(input: {
    customerId: "${customerId}", featureId: "messages", value: ${value}
  }) { ... on TrackBalancePayload {
    unapplied { amount } balance { granted remaining usage breakdown { id } }
  } } }`);
  return data.trackBalance;
}

describe('a customer that holds as many balances as it can', () => {
  it('gets no more while all of them have something left', async () => {
    await fill('hoarder');
    expect(await grant('hoarder', 3)).toBe(3);
  });

  it('gets more once they are used up, and its account does not grow', async () => {
    await fill('spender');
    await track('spender', BALANCES_PER_CUSTOMER_MAX);
    expect(await grant('spender', 40)).toBe(0);
    const { balance } = await track('spender', 15);
    expect(balance).toMatchObject({ granted: 1000, remaining: 25, usage: 975 });
    expect(balance.breakdown.length).toBe(BALANCES_PER_CUSTOMER_MAX);
    // Nothing is given back to balances that made room for others, and no more than fits to the rest.
    expect(await track('spender', -2_000)).toMatchObject({
      unapplied: [{ amount: -1025 }],
      balance: { granted: 1000, remaining: 1000, usage: 0 },
    });
    const [{ count }] = (await gateway.sql(`SELECT count(*)::int FROM balances b
      JOIN customers c USING (customer_key) WHERE c.id = 'spender' AND expired_at IS NULL`)) as [
      { count: number },
    ];
    expect(count).toBe(BALANCES_PER_CUSTOMER_MAX);
  });

  it('gets more once they have expired, even if that is not stored yet', async () => {
    const expiresAt = new Date(Date.now() + DAY_MS).toISOString();
    await fill('waiter', `expiresAt: "${expiresAt}"`);
    expect(await grant('waiter', 1)).toBe(1);
    gateway.setClockOffset(2 * DAY_MS);
    try {
      expect(await grant('waiter', 1)).toBe(0);
      expect(await track('waiter', 1)).toMatchObject({ balance: { granted: 1, remaining: 0 } });
    } finally {
      gateway.setClockOffset(0);
    }
  });
});
