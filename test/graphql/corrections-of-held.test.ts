/** Corrections of balances of which reservations hold something, through two gateways (R24, R28, R32, R33). */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { correcting, DELETE, UPDATE } from '../support/client/correcting.js';
import { type ReservationVerb, settle } from '../support/client/reservations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';
import { randomOf } from '../support/random/random.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});

afterEach(async () => {
  expect(await both.audit()).toEqual([]);
});

afterAll(() => both.close());

const { client, run, customer, ledger, track } = correcting(() => both);

const hold = (verb: ReservationVerb, input: Record<string, unknown>, index = 0) =>
  settle(client(index), verb, input);

const reserve = (customerId: string, reservationId: string, value: number, index = 0) =>
  hold('reserveBalance', { customerId, reservationId, featureId: 'messages', value }, index);

const AMOUNTS = `query ($id: String!) { customer(customerId: $id) {
  balance(featureId: "messages") { granted remaining usage reserved } } }`;

async function amountsOf(id: string, index = 0) {
  const { customer: found } = await client(index).run<{
    customer: { balance: Record<string, number> | null };
  }>(AMOUNTS, { id });
  return found.balance;
}

describe('updateBalance', () => {
  it('sets what is left beside what is reserved, and a capture uses that afterwards', async () => {
    const { customerId, of } = await customer({ granted: 100 });
    await track(customerId, 50);
    await reserve(customerId, 'r', 30);
    const tooMuch = await run(UPDATE, { ...of, remaining: 71 }, 1);
    expect(tooMuch).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'remaining', rule: 'maximum' }],
    });
    const note = { reason: 'Outage', actor: 'jane' };
    expect(await run(UPDATE, { ...of, remaining: 60, ...note }, 1)).toMatchObject({
      balance: { granted: 100, used: 10, remaining: 60 },
    });
    expect((await ledger(customerId))[0]).toMatchObject({
      ...note,
      kind: 'ADJUST',
      amount: 40,
      usedBefore: 50,
      usedAfter: 10,
    });
    expect(await amountsOf(customerId)).toMatchObject({ usage: 10, reserved: 30, remaining: 60 });
    await hold('captureReservation', { customerId, reservationId: 'r', value: 20 });
    expect(await amountsOf(customerId, 1)).toMatchObject({ usage: 30, reserved: 0, remaining: 70 });
  });

  it('lowers a grant below what is used and reserved, and both stay', async () => {
    const { customerId, of } = await customer({ granted: 100 });
    await track(customerId, 20);
    await reserve(customerId, 'r', 30);
    expect(await run(UPDATE, { ...of, granted: 25, priority: 1 }, 1)).toMatchObject({
      balance: { granted: 25, used: 20, remaining: 0 },
    });
    expect(await reserve(customerId, 'more', 1)).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
    await hold('releaseReservation', { customerId, reservationId: 'r' }, 1);
    expect(await amountsOf(customerId)).toEqual({
      granted: 25,
      usage: 20,
      reserved: 0,
      remaining: 5,
    });
  });

  it('answers a retry as it did first, with what was reserved then', async () => {
    const { customerId, of } = await customer({ granted: 100 });
    await reserve(customerId, 'r', 30);
    const input = { ...of, usage: 60, idempotencyKey: 'once' };
    const first = await run(UPDATE, input);
    expect(first).toMatchObject({ balance: { used: 60, remaining: 10 } });
    await hold('releaseReservation', { customerId, reservationId: 'r' });
    expect(await run(UPDATE, input, 1)).toEqual({ ...first, replayed: true });
  });
});

describe('deleteBalance', () => {
  it('is refused while something of the balance is reserved, with its key still unused', async () => {
    const { customerId, of } = await customer({ granted: 100 }, { granted: 50 });
    await reserve(customerId, 'r', 30);
    const input = { ...of, idempotencyKey: 'end', transferUsage: true };
    expect(await run(DELETE, input, 1)).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'id', rule: 'reserved' }],
    });
    expect(await amountsOf(customerId)).toMatchObject({ granted: 150, reserved: 30 });
    await hold('captureReservation', { customerId, reservationId: 'r', value: 10 });
    expect(await run(DELETE, input, 1)).toMatchObject({ replayed: false });
    expect(await amountsOf(customerId)).toMatchObject({ granted: 50, usage: 10, reserved: 0 });
  });

  it('finds nothing reserved from the instant at which the reservation expires', async () => {
    const { customerId, of } = await customer({ granted: 100 });
    const start = Date.now();
    await both.setClock(start);
    const expiresAt = new Date(start + 60_000).toISOString();
    const reservation = { customerId, reservationId: 'r', featureId: 'messages', value: 30 };
    await hold('reserveBalance', { ...reservation, expiresAt });
    expect(await run(DELETE, of)).toMatchObject({ code: 'INVALID_INPUT' });
    await both.setClock(start + 60_000);
    expect(await run(DELETE, of, 1)).toMatchObject({ __typename: 'DeleteBalancePayload' });
    await both.setClock(Date.now());
  });

  it('charges usage to others beside what is reserved of them', async () => {
    const { customerId, ids, of } = await customer({ granted: 10 }, { granted: 50 });
    await track(customerId, 8);
    await reserve(customerId, 'r', 42);
    // The 2 that are left of the first are held.
    expect(await run(DELETE, of)).toMatchObject({ code: 'INVALID_INPUT' });
    await hold('captureReservation', { customerId, reservationId: 'r', value: 2, final: false });
    expect(await run(DELETE, { ...of, transferUsage: true }, 1)).toMatchObject({
      transferred: [{ amount: 10, balance: { id: ids[1] } }],
    });
    expect(await amountsOf(customerId)).toMatchObject({ usage: 10, reserved: 40, remaining: 0 });
  });
});

it('reasons and actors stay in the ledger of a customer that is deleted', async () => {
  const { customerId, of } = await customer({ granted: 10 });
  await run(UPDATE, { ...of, usage: 1, reason: 'A reason to keep', actor: 'jane' });
  await client().run(
    'mutation ($id: String!) { deleteCustomer(input: { customerId: $id }) { __typename } }',
    { id: customerId },
  );
  expect(
    await both.sql("SELECT actor FROM ledger_entries WHERE reason = 'A reason to keep'", []),
  ).toEqual([{ actor: 'jane' }]);
});

it('corrections, uses and reservations at once lose nothing', { timeout: 240_000 }, async () => {
  const random = randomOf(42);
  const seen = new Set<unknown>();
  for (let round = 0; round < 4; round += 1) {
    const { customerId, ids } = await customer({ granted: 1_000 }, { granted: 300 });
    const turn = (n: number): (() => Promise<object>) => {
      const reservation = { customerId, reservationId: `r${random.whole(0, 12)}` };
      const named = { customerId, id: ids[random.whole(0, 1)] };
      if (n === 75) return () => run(DELETE, { ...named, transferUsage: true }, n);
      return random.pick<() => Promise<object>>([
        () => track(customerId, random.whole(1, 9), n),
        () => reserve(customerId, reservation.reservationId, random.whole(1, 60), n),
        () => hold('captureReservation', { ...reservation, value: random.whole(0, 40) }, n),
        () => hold('captureReservation', { ...reservation, value: 3, final: false }, n),
        () => hold('releaseReservation', reservation, n),
        () => run(UPDATE, { ...named, granted: random.whole(50, 900) }, n),
        () => run(UPDATE, { ...named, usage: random.whole(0, 400) }, n),
        () => run(UPDATE, { ...named, remaining: random.whole(0, 200), priority: n }, n),
      ]);
    };
    const answers = await Promise.all(Array.from({ length: 150 }, (_, n) => turn(n)()));
    for (const answer of answers) seen.add('__typename' in answer && answer.__typename);
    const [first, second] = [await amountsOf(customerId), await amountsOf(customerId, 1)];
    expect(first).toEqual(second);
    const [row] = await both.sql<{ held: number }>(
      `SELECT coalesce(sum(held), 0)::float8 AS held FROM reservations JOIN customers USING (customer_key)
        WHERE customers.id = $1 AND ended_at IS NULL`,
      [customerId],
    );
    expect(first?.['reserved'] ?? 0).toBe(row?.held);
    expect(await both.audit()).toEqual([]);
    for (let n = 0; n <= 12; n += 1) {
      await hold('releaseReservation', { customerId, reservationId: `r${n}` }, n);
    }
    const ends = await Promise.all(ids.map((id) => run(DELETE, { customerId, id })));
    for (const end of ends) expect([undefined, 'BALANCE_NOT_FOUND']).toContain(end.code);
    expect(await amountsOf(customerId)).toBeNull();
  }
  for (const done of ['UpdateBalance', 'ReserveBalance', 'CaptureReservation']) {
    expect(seen).toContain(`${done}Payload`);
  }
});
