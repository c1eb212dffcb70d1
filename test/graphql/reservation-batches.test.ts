/** Each item of a batch of calls about reservations is answered as the call by itself would be, in order (ADR 14). */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BATCH_INPUTS_MAX } from '../../src/schema/input/limits.js';
import { oneOff } from '../support/cases/case.js';
import * as operations from '../support/client/operations.js';
import { type ReservationAnswer, settleAll } from '../support/client/reservations.js';
import { reservingOn } from '../support/client/reserving.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});

afterEach(async () => {
  expect(await both.audit()).toEqual([]);
});

afterAll(() => both.close());

const { amountsOf, call, client, customer, kindsOf, listed } = reservingOn(() => both);

const messages = { featureId: 'messages' };

const DAY_MS = 86_400_000;
const TOMORROW = new Date(Date.now() + DAY_MS).toISOString();
const NEXT_DAY = new Date(Date.now() + 2 * DAY_MS).toISOString();

/** This many reservations of the customer, of 10 each: `r0`, `r1` and so on. */
async function reserved(customerId: string, count: number): Promise<void> {
  const inputs = times(count, (n) => ({
    customerId,
    ...messages,
    value: 10,
    reservationId: `r${n}`,
    expiresAt: TOMORROW,
  }));
  const answers = await settleAll(client(), 'reserveBalance', inputs);
  expect(answers.map(({ reservation }) => reservation?.reservationId)).toEqual(
    inputs.map(({ reservationId }) => reservationId),
  );
}

function times<T>(count: number, one: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => one(n));
}

const refused = (code: string) => ({ code });

describe('items of one customer', () => {
  it('are reserved in the order of the list, as far as there is something left', async () => {
    const customerId = await customer(oneOff('messages', 500));
    const values = [75, 400, 26, 0, 25, 1];
    const inputs = values.map((value, n) => ({
      customerId,
      ...messages,
      value,
      reservationId: `r${n}`,
    }));
    const answers = await settleAll(client(), 'reserveBalance', inputs);
    expect(answers.map(({ code, balances }) => code ?? balances?.[0]?.remaining)).toEqual([
      425,
      25,
      'INSUFFICIENT_BALANCE',
      25,
      0,
      'INSUFFICIENT_BALANCE',
    ]);
    expect((await listed(customerId)).toSorted()).toEqual(['r0', 'r1', 'r3', 'r4']);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 0, reserved: 500 });
  });

  it('see what those before them did to the same reservation', async () => {
    const customerId = await customer(oneOff('messages', 100));
    await reserved(customerId, 1);
    const which = { customerId, reservationId: 'r0' };
    const captured = await settleAll(client(), 'captureReservation', [
      { ...which, value: 1, final: false },
      { ...which, value: 2, final: false },
      { ...which, value: 12 },
      { ...which, value: 1 },
    ]);
    expect(captured).toMatchObject([
      { value: 1, event: { value: 1 }, reservation: { held: 9, used: 1, status: 'LIVE' } },
      { value: 2, event: { value: 2 }, reservation: { held: 7, used: 3, status: 'LIVE' } },
      { value: 12, event: { value: 12 }, reservation: { held: 0, used: 15, status: 'CAPTURED' } },
      { code: 'RESERVATION_ENDED', how: 'CAPTURED', used: 15 },
    ]);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 85, usage: 15, reserved: 0 });
    const events = await operations.events(client(), customerId);
    expect(events.map(({ value }) => value)).toEqual([12, 2, 1]);
  });

  it('may be more than a lane decides at a time', async () => {
    const customerId = await customer(oneOff('messages', 10_000));
    await reserved(customerId, BATCH_INPUTS_MAX);
    const tooMany = { customerId, ...messages, value: 0 };
    expect(await settleAll(client(), 'reserveBalance', [tooMany, tooMany])).toMatchObject(
      times(2, () => refused('TOO_MANY_RESERVATIONS')),
    );
    const all = times(BATCH_INPUTS_MAX, (n) => ({ customerId, reservationId: `r${n}` }));
    const later = all.map((one) => ({ ...one, expiresAt: NEXT_DAY }));
    const extended = await settleAll(client(), 'extendReservation', later);
    expect(extended.every(({ reservation }) => reservation?.expiresAt === NEXT_DAY)).toBe(true);
    const [half, others] = [all.slice(0, 400), all.slice(400)];
    const captured = await settleAll(client(), 'captureReservation', half);
    expect(captured.every(({ value }) => value === 10)).toBe(true);
    const released = await settleAll(client(), 'releaseReservation', others);
    expect(released.every(({ reservation }) => reservation?.status === 'RELEASED')).toBe(true);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 6_000, usage: 4_000 });
    expect(await listed(customerId)).toEqual([]);
  });
});

describe('an item that is refused', () => {
  it('does not affect the others: each has the answer that it would have by itself', async () => {
    const ids = await Promise.all([1, 2].map(() => customer(oneOff('messages', 100))));
    for (const customerId of ids) await reserved(customerId, 4);
    const inputsOf = (customerId: string | undefined) => [
      { customerId, reservationId: 'r0', value: 3 },
      { customerId, reservationId: 'none' },
      { customerId: 'nobody', reservationId: 'r0' },
      { customerId, reservationId: 'r1', value: 1e-11 },
      { customerId, reservationId: 'r1', value: 1_000, overageBehavior: 'REJECT' },
      { customerId, reservationId: 'r1', value: 1_000 },
      { customerId, reservationId: 'r2' },
    ];
    const [list, single] = ids;
    const answers = await settleAll(client(), 'captureReservation', inputsOf(list));
    const alone: ReservationAnswer[] = [];
    for (const input of inputsOf(single)) alone.push(await call('captureReservation', input));
    expect(answers).toEqual(alone);
    expect(answers.map(({ code = null }) => code)).toEqual([
      null,
      'RESERVATION_NOT_FOUND',
      'CUSTOMER_NOT_FOUND',
      'INVALID_INPUT',
      'INSUFFICIENT_BALANCE',
      null,
      null,
    ]);
    expect(await kindsOf(list ?? '')).toEqual(await kindsOf(single ?? ''));
  });

  it.each(['extendReservation', 'releaseReservation'] as const)(
    'is so in a batch of %s too',
    async (verb) => {
      const customerId = await customer(oneOff('messages', 100));
      await reserved(customerId, 2);
      const ids = ['r0', 'none', '', 'r1'];
      const inputs = ids.map((reservationId) => ({ customerId, reservationId }));
      const done = verb === 'extendReservation' ? 'LIVE' : 'RELEASED';
      expect(await settleAll(client(), verb, inputs)).toMatchObject([
        { reservation: { status: done } },
        refused('RESERVATION_NOT_FOUND'),
        refused('INVALID_INPUT'),
        { reservation: { status: done } },
      ]);
    },
  );
});

describe('a key', () => {
  it('that is sent more than once has one effect, whichever mutation sends it', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const reserve = { customerId, ...messages, value: 10, reservationId: 'same' };
    const [first, second, conflict] = await settleAll(client(), 'reserveBalance', [
      reserve,
      reserve,
      { ...reserve, value: 11 },
    ]);
    expect(first).toMatchObject({ replayed: false, reservation: { held: 10 } });
    expect(second).toEqual({ ...first, replayed: true });
    expect(conflict).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', field: 'value' });
    expect(await call('reserveBalance', reserve)).toEqual({ ...first, replayed: true });

    const capture = { customerId, reservationId: 'same', value: 4, idempotencyKey: 'k' };
    const captured = await call('captureReservation', capture);
    const other = { ...capture, idempotencyKey: 'other' };
    const [again, ended] = await settleAll(client(), 'captureReservation', [capture, other]);
    expect(again).toEqual({ ...captured, replayed: true });
    expect(ended).toMatchObject({ code: 'RESERVATION_ENDED', how: 'CAPTURED', used: 4 });
    const release = { customerId, reservationId: 'same', idempotencyKey: 'k' };
    expect(await settleAll(client(), 'releaseReservation', [release])).toMatchObject([
      { code: 'IDEMPOTENCY_CONFLICT', field: 'operation' },
    ]);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 96, usage: 4, reserved: 0 });
  });

  it('of a batch that is sent eight times at once, through both gateways, has one effect', async () => {
    const customerId = await customer(oneOff('messages', 1_000));
    await reserved(customerId, 20);
    const inputs = times(20, (n) => ({
      customerId,
      reservationId: `r${n}`,
      value: n,
      idempotencyKey: `k${n}`,
    }));
    const batches = await Promise.all(
      times(8, () => settleAll(client(), 'captureReservation', inputs)),
    );
    for (const n of times(20, (place) => place)) {
      const twins = batches.map((answers) => answers[n]);
      expect(twins.filter((twin) => twin?.replayed === false).length, `r${n}`).toBe(1);
      expect(new Set(twins.map((twin) => twin?.value)), `r${n}`).toEqual(new Set([n]));
    }
    expect(await amountsOf(customerId)).toMatchObject({ usage: 190, reserved: 0 });
    // One of 0 captures nothing, and has no event.
    expect((await operations.events(client(), customerId)).length).toBe(19);
  });
});

describe('batches through both gateways at once', () => {
  it('accept exactly as many reservations as fit', async () => {
    const customerId = await customer(oneOff('messages', 500));
    const batches = await Promise.all(
      times(4, (batch) =>
        settleAll(
          client(),
          'reserveBalance',
          times(5, (n) => ({ customerId, ...messages, value: 75, reservationId: `${batch} ${n}` })),
        ),
      ),
    );
    const codes = batches.flat().map(({ code = 'ACCEPTED' }) => code);
    expect(codes.filter((code) => code === 'ACCEPTED').length).toBe(6);
    expect(codes.filter((code) => code === 'INSUFFICIENT_BALANCE').length).toBe(14);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 50, reserved: 450 });
  });

  it('end each reservation exactly one way', async () => {
    const customerId = await customer(oneOff('messages', 1_000));
    await reserved(customerId, 50);
    const inputs = times(50, (n) => ({ customerId, reservationId: `r${n}`, value: 3 }));
    const without = inputs.map(({ value: _, ...which }) => which);
    const [captured, released] = await Promise.all([
      settleAll(client(), 'captureReservation', inputs),
      settleAll(client(), 'releaseReservation', without.toReversed()),
    ]);
    const ends = times(50, (n) => [captured[n]?.code, released[49 - n]?.code].toSorted());
    expect(ends).toEqual(times(50, () => ['RESERVATION_ENDED', undefined]));
    const used = 3 * captured.filter(({ code }) => code === undefined).length;
    expect(await amountsOf(customerId)).toMatchObject({ usage: used, reserved: 0 });
  });
});
