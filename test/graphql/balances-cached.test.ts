/** Balances are read from what a gateway has cached, as far as the statement confirms it: what is shown is the same (ADR 56). */
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { settle } from '../support/client/reservations.js';
import { startTestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

const BALANCES = `query ($customerId: String!) { customer(customerId: $customerId) {
  balances { feature { featureId } granted remaining usage reserved nextResetAt
    breakdown { id granted remaining used reserved rollovers { granted remaining } expiresAt } } } }`;

const DAY_MS = 86_400_000;

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
}, 120_000);
afterAll(() => both.close());

interface Shown {
  readonly customer: {
    readonly balances: readonly Readonly<Record<string, unknown>>[];
  } | null;
}

async function balancesOf(client: Client, customerId: string) {
  const { customer } = await client.run<Shown>(BALANCES, { customerId });
  return customer?.balances ?? null;
}

/** What both gateways show, which is the same: the first one to be asked has read it, and so has the other. */
async function shownByBoth(customerId: string) {
  const [one, two] = both.clients;
  const shown = await balancesOf(one, customerId);
  for (const client of [two, one, two]) expect(await balancesOf(client, customerId)).toEqual(shown);
  return shown;
}

async function track(client: Client, customerId: string, value: number): Promise<void> {
  const document =
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }';
  const input = { customerId, featureId: 'messages', value };
  const { trackBalance } = await client.run<{ trackBalance: object }>(document, { input });
  expect(trackBalance).toEqual({ __typename: 'TrackBalancePayload' });
}

it('are those of the last commit of any gateway', { timeout: 120_000 }, async () => {
  const [one] = both.clients;
  await operations.createCustomer(one, 'using');
  expect(await shownByBoth('using')).toEqual([]);
  const messages = { featureId: 'messages', granted: 20 };
  await operations.grant(one, 'using', { name: 'grant', ...messages });
  for (let used = 1; used <= 10; used += 1) {
    await track(both.clients[used % 2 === 0 ? 0 : 1], 'using', 1);
    expect(await shownByBoth('using')).toMatchObject([{ remaining: 20 - used, usage: used }]);
  }
});

it('change by themselves at the instant at which they do', { timeout: 120_000 }, async () => {
  const [one, two] = both.clients;
  await operations.createCustomer(one, 'waiting');
  const start = Date.parse('2030-06-01T00:00:00.000Z');
  await both.setClock(start);
  const daily = { featureId: 'messages', granted: 10, resetInterval: 'DAY' } as const;
  await operations.grant(one, 'waiting', { name: 'daily', ...daily });
  await track(two, 'waiting', 4);
  const hold = { customerId: 'waiting', featureId: 'messages', reservationId: 'hold', value: 5 };
  await settle(one, 'reserveBalance', { ...hold, expiresInSeconds: 3_600 });
  const ended = { featureId: 'words', granted: 3, expiresAt: '2030-06-03T12:00:00.000Z' };
  await operations.grant(two, 'waiting', { name: 'ended', ...ended });
  const words = { feature: { featureId: 'words' }, remaining: 3 };
  const at = async (sinceMs: number) => {
    await both.setClock(start + sinceMs);
    return shownByBoth('waiting');
  };
  expect(await at(0)).toMatchObject([{ remaining: 1, usage: 4, reserved: 5 }, words]);
  expect(await at(3_700_000)).toMatchObject([{ remaining: 6, usage: 4, reserved: 0 }, words]);
  for (const days of [1, 2, 5, 9]) {
    const day = days * DAY_MS + 60_000;
    const fresh = { remaining: 10, usage: 0, reserved: 0 };
    expect(await at(day)).toMatchObject(days < 3 ? [fresh, words] : [fresh]);
  }
  // Back again: what has not been recorded has not happened.
  expect(await at(3_700_000)).toMatchObject([{ remaining: 6, usage: 4 }, words]);
  await track(one, 'waiting', 1);
  expect(await shownByBoth('waiting')).toMatchObject([{ remaining: 5, usage: 5 }, words]);
  expect(await both.audit()).toEqual([]);
});

interface Edges {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
}

it('of a deleted customer are none', { timeout: 120_000 }, async () => {
  const [one, two] = both.clients;
  await operations.createCustomer(one, 'leaving');
  await operations.grant(one, 'leaving', { name: 'grant', featureId: 'messages', granted: 5 });
  await track(one, 'leaving', 2);
  await shownByBoth('leaving');
  const document =
    '{ customer(customerId: "leaving") { events(first: 1) { edges { node { id } } } } }';
  const { customer } = await one.run<{ customer: { events: Edges } }>(document, {});
  const erase = `mutation { deleteCustomer(input: { customerId: "leaving" }) { __typename } }`;
  await two.run(erase, {});
  expect(await shownByBoth('leaving')).toBeNull();
  const left =
    'query ($id: ID!) { node(id: $id) { ... on UsageEvent { customer { balances { remaining } } } } }';
  for (const client of both.clients) {
    expect(await client.run(left, { id: customer.events.edges[0]?.node.id })).toEqual({
      node: { customer: { balances: [] } },
    });
  }
});

it('are not read again until the customer changes', async () => {
  const gateway = await startTestGateway();
  try {
    const ids = Array.from({ length: 20 }, (_, n) => `customer-${n}`);
    await setUp(gateway, {
      features: [{ featureId: 'messages' }],
      customers: ids.map((customerId) => ({ customerId })),
      balances: ids.map((customerId) => ({ customerId, featureId: 'messages', granted: 5 })),
    });
    const all = '{ customers(first: 20) { edges { node { customerId balances { remaining } } } } }';
    const rows: number[] = [];
    const { query } = pg.Pool.prototype;
    const spy = vi.spyOn(pg.Pool.prototype, 'query').mockImplementation(function (
      this: pg.Pool,
      ...args: unknown[]
    ) {
      const answer: Promise<pg.QueryResult> = Reflect.apply(query, this, args);
      if (JSON.stringify(args[0]).includes('c.known')) {
        void answer.then((found) => rows.push(found.rows.length));
      }
      return answer;
    });
    // What the grants have cached has other versions.
    await gateway.sql('UPDATE customers SET version = version + 1');
    const shown = await gateway.execute(all);
    expect(shown.errors).toEqual([]);
    expect(await gateway.execute(all)).toEqual(shown);
    await gateway.sql(`UPDATE customers SET version = version + 1 WHERE id = 'customer-7'`);
    expect(await gateway.execute(all)).toEqual(shown);
    spy.mockRestore();
    expect(rows).toEqual([40, 20, 21]);
  } finally {
    await gateway.close();
  }
});
