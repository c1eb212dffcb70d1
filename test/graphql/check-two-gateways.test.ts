/** A check on one gateway sees what another one has acknowledged (R22), usage and reservations alike. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { settle } from '../support/client/reservations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
}, 120_000);
afterAll(() => both.close());

interface Checked {
  readonly checkBalance: Readonly<Record<string, unknown>>;
}

async function check(client: Client, customerId: string, requiredBalance: number) {
  const document = `query ($input: BalancesCheckInput!) { checkBalance(input: $input) {
    ... on CheckBalancePayload { allowed largestAllowed nextChangeAt balance { remaining reserved } } } }`;
  const input = { customerId, featureId: 'messages', requiredBalance };
  return (await client.run<Checked>(document, { input })).checkBalance;
}

async function customer(customerId: string, granted: number): Promise<void> {
  const [client] = both.clients;
  await operations.createCustomer(client, customerId);
  await operations.grant(client, customerId, { name: 'grant', featureId: 'messages', granted });
}

async function rejecting(client: Client, customerId: string, value: number): Promise<string> {
  const document =
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }';
  const usage = { customerId, featureId: 'messages', value, overageBehavior: 'REJECT' };
  const answer = await client.run<{ trackBalance: { __typename: string } }>(document, {
    input: usage,
  });
  return answer.trackBalance.__typename;
}

it('sees usage', { timeout: 120_000 }, async () => {
  const [one, two] = both.clients;
  await customer('using', 20);
  for (let used = 1; used <= 20; used += 1) {
    const [tracks, checks] = used % 2 === 0 ? [one, two] : [two, one];
    await rejecting(tracks, 'using', 1);
    const expected = { allowed: used < 20, balance: { remaining: 20 - used, reserved: 0 } };
    expect(await check(checks, 'using', 0.5)).toMatchObject(expected);
    expect(await check(tracks, 'using', 0.5)).toMatchObject(expected);
  }
});

it('sees what is reserved, and says when that expires', { timeout: 120_000 }, async () => {
  const [one, two] = both.clients;
  await customer('reserving', 20);
  const start = Date.parse('2030-06-01T00:00:00.000Z');
  await both.setClock(start);
  const call = { customerId: 'reserving', featureId: 'messages' };
  const expiring = { ...call, reservationId: 'expiring', value: 12, expiresInSeconds: 3_600 };
  const released = { ...call, reservationId: 'released', value: 5, expiresInSeconds: 7_200 };
  const { reservation } = await settle(one, 'reserveBalance', expiring);
  await settle(one, 'reserveBalance', released);
  const refused = {
    allowed: false,
    largestAllowed: 3,
    nextChangeAt: (reservation as { expiresAt?: string } | undefined)?.expiresAt,
    balance: { remaining: 3, reserved: 17 },
  };
  for (const client of both.clients) {
    expect(await check(client, 'reserving', 3)).toMatchObject({ allowed: true });
    expect(await check(client, 'reserving', 4)).toEqual(refused);
    expect(await rejecting(client, 'reserving', 4)).toBe('InsufficientBalanceError');
  }
  await settle(two, 'releaseReservation', { customerId: 'reserving', reservationId: 'released' });
  for (const client of both.clients) {
    expect(await check(client, 'reserving', 8)).toMatchObject({ allowed: true });
  }
  await both.setClock(start + 3_700_000);
  for (const client of both.clients) {
    const free = { allowed: true, nextChangeAt: null, balance: { remaining: 20, reserved: 0 } };
    expect(await check(client, 'reserving', 20)).toMatchObject(free);
  }
  // Decided on what the check has read.
  expect(await rejecting(one, 'reserving', 20)).toBe('TrackBalancePayload');
  expect(await check(two, 'reserving', 1)).toMatchObject({ allowed: false, largestAllowed: 0 });
  expect(await both.audit()).toEqual([]);
});

it('sees that what has expired gets nothing back', { timeout: 120_000 }, async () => {
  const [one, two] = both.clients;
  const start = Date.parse('2031-06-01T00:00:00.000Z');
  await both.setClock(start);
  await operations.createCustomer(one, 'expired');
  const expiresAt = new Date(start + 1_000_000).toISOString();
  await operations.grant(one, 'expired', {
    name: 'short',
    featureId: 'messages',
    granted: 9,
    expiresAt,
  });
  await operations.grant(one, 'expired', { name: 'long', featureId: 'messages', granted: 1 });
  const call = { customerId: 'expired', featureId: 'messages', value: 5, reservationId: 'held' };
  await settle(two, 'reserveBalance', { ...call, expiresInSeconds: 3_600 });
  await both.setClock(start + 2_000_000);
  // The expiry is on record after this.
  expect(await rejecting(one, 'expired', 1)).toBe('TrackBalancePayload');
  for (const client of both.clients) {
    expect(await check(client, 'expired', 1)).toMatchObject({
      allowed: false,
      largestAllowed: 0,
      nextChangeAt: null,
    });
  }
  const capture = { customerId: 'expired', reservationId: 'held', value: 2 };
  expect(await settle(two, 'captureReservation', capture)).toMatchObject({ value: 2 });
  expect(await both.audit()).toEqual([]);
});
