/** Batches through two gateways, each with its own cache, on one database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { type BatchItem, codeOf, trackAll } from '../support/client/batches.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';
import { randomOf, seedOf } from '../support/random/random.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});

afterAll(() => both.close());

let groups = 0;

/** Customers for one test alone. */
async function customers(count: number, granted: number): Promise<string[]> {
  groups += 1;
  const ids = Array.from({ length: count }, (_, index) => `group${groups}-${index}`);
  const [client] = both.clients;
  await Promise.all(
    ids.map(async (id) => {
      await operations.createCustomer(client, id);
      await operations.grant(client, id, oneOff('messages', granted));
    }),
  );
  return ids;
}

async function recorded(ids: readonly string[]): Promise<unknown> {
  const [row] = await both.sql(
    `SELECT count(*)::int AS events, count(DISTINCT (customer_key, idempotency_key))::int AS keys
    FROM events JOIN customers USING (customer_key) WHERE customers.id = ANY ($1)`,
    [ids],
  );
  return row;
}

const shuffled = (items: readonly BatchItem[], seed: number): BatchItem[] => {
  const random = randomOf(seed);
  return items
    .map((item) => ({ item, at: random.whole(0, 2 ** 30) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
};

describe('the same thousand keys at once through both', () => {
  const keyOf = ({ customerId, idempotencyKey }: BatchItem) => `${customerId} ${idempotencyKey}`;

  it.each([
    ['in the same order', (items: readonly BatchItem[]) => items],
    ['in another order', (items: readonly BatchItem[]) => shuffled(items, seedOf('another order'))],
  ])(
    '%s are charged once, and both callers get the same answers',
    { timeout: 60_000 },
    async (_how, reorder) => {
      const ids = await customers(20, 1_000);
      const left = Array.from({ length: 1_000 }, (_, index) => ({
        customerId: ids[index % ids.length] ?? '',
        featureId: 'messages',
        idempotencyKey: `k${index}`,
      }));
      const right = reorder(left);
      const [ofLeft, ofRight] = await Promise.all([
        trackAll(both.clients[0], left),
        trackAll(both.clients[1], right),
      ]);
      const answers = new Map(right.map((item, index) => [keyOf(item), ofRight[index]]));
      for (const [index, item] of left.entries()) {
        const [one, other] = [ofLeft[index], answers.get(keyOf(item))];
        expect(one).toEqual({ ...other, replayed: one?.replayed });
        expect([one?.replayed, other?.replayed].filter(Boolean)).toHaveLength(1);
      }
      expect(await recorded(ids)).toEqual({ events: 1_000, keys: 1_000 });
    },
  );
});

describe('limits', () => {
  it('hold for batches at once: exactly as many usage events pass as fit', async () => {
    const ids = await customers(4, 100);
    const inputs = Array.from({ length: 400 }, (_, index) => ({
      customerId: ids[index % ids.length] ?? '',
      featureId: 'messages',
      overageBehavior: 'REJECT' as const,
    }));
    const answers = await Promise.all(both.clients.map((client) => trackAll(client, inputs)));
    const codes = answers.flat().map(codeOf);
    expect(codes.filter((code) => code === 'ACCEPTED')).toHaveLength(400);
    expect(codes.filter((code) => code === 'INSUFFICIENT_BALANCE')).toHaveLength(400);
    for (const [index, id] of ids.entries()) {
      const client = both.clients[index % 2 === 0 ? 0 : 1];
      expect(await operations.look(client, id, 'messages', null)).toMatchObject({
        remaining: 0,
        usage: 100,
        overage: 0,
      });
    }
  });
});

it('every balance is the sum of its ledger, and there was no deadlock', async () => {
  expect(await both.audit()).toEqual([]);
  expect(await both.deadlocks()).toBe(0);
});
