/** Calls about reservations that are repeated, and at once (R23, R27), through two gateways on one database. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import * as operations from '../support/client/operations.js';
import type { ReservationAnswer } from '../support/client/reservations.js';
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

const { amountsOf, call, client, customer, reservationOf } = reservingOn(() => both);

const messages = { featureId: 'messages' };

describe('a repeated call', () => {
  it('gets the first answer, and a different one is a conflict', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const reserve = { customerId, ...messages, value: 10, reservationId: 'same' };
    const first = await call('reserveBalance', reserve);
    await operations.track(client(), customerId, { ...messages, value: 1 });
    expect(await call('reserveBalance', reserve)).toEqual({ ...first, replayed: true });
    expect(await call('reserveBalance', { ...reserve, value: 11 })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      field: 'value',
    });
    const capture = { customerId, reservationId: 'same', value: 4, idempotencyKey: 'capture' };
    const captured = await call('captureReservation', capture);
    expect(await call('captureReservation', capture)).toEqual({ ...captured, replayed: true });
    expect(await call('captureReservation', { ...capture, idempotencyKey: 'other' })).toMatchObject(
      {
        code: 'RESERVATION_ENDED',
        how: 'CAPTURED',
        used: 4,
      },
    );
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 95, usage: 5, reserved: 0 });
  });

  it('of twins at once has one effect and one answer', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const reserve = { customerId, ...messages, value: 10, reservationId: 'twins' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call('reserveBalance', reserve)),
    );
    expect(answers.filter(({ replayed }) => replayed === false).length).toBe(1);
    const capture = {
      customerId,
      reservationId: 'twins',
      value: 3,
      idempotencyKey: 'capture twins',
    };
    const captured = await Promise.all(
      Array.from({ length: 8 }, () => call('captureReservation', capture)),
    );
    expect(captured.filter(({ replayed }) => replayed === false).length).toBe(1);
    expect(new Set(captured.map(({ value }) => value))).toEqual(new Set([3]));
    expect(await amountsOf(customerId)).toMatchObject({ usage: 3, reserved: 0 });
  });

  it('of an unknown reservation is refused', async () => {
    const customerId = await customer(oneOff('messages', 100));
    expect(await call('releaseReservation', { customerId, reservationId: 'none' })).toMatchObject({
      code: 'RESERVATION_NOT_FOUND',
    });
    expect(await reservationOf(customerId, 'none')).toBeNull();
  });
});

describe('through both gateways at once,', () => {
  it('of 20 reservations of 75, a grant of 500 accepts exactly 6', async () => {
    for (let round = 0; round < 5; round += 1) {
      const customerId = await customer(oneOff('messages', 500));
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          call('reserveBalance', { customerId, ...messages, value: 75, reservationId: `r${n}` }),
        ),
      );
      expect(answers.filter(({ code }) => code === undefined).length).toBe(6);
      expect(answers.filter(({ code }) => code === 'INSUFFICIENT_BALANCE').length).toBe(14);
      expect(await amountsOf(customerId)).toMatchObject({ remaining: 50, reserved: 450 });
    }
  });

  it('one that is captured, released, extended and expiring at one instant ends exactly one way', async () => {
    const ends = new Map<string, number>();
    const start = Date.now();
    for (let round = 0; round < 50; round += 1) {
      const customerId = await customer(oneOff('messages', 100));
      await both.setClock(start);
      const which = { customerId, reservationId: 'raced' };
      const expiresAt = new Date(start + 60_000).toISOString();
      await call('reserveBalance', { ...which, ...messages, value: 60, expiresAt });
      // A few milliseconds before the instant, which comes while the calls are on their way.
      await both.setClock(start + 60_000 - (round % 6) * 2);
      const answers = await Promise.all([
        call('captureReservation', { ...which, value: 40 }),
        call('releaseReservation', which),
        call('extendReservation', { ...which, expiresInSeconds: 3_600 }),
        call('captureReservation', { ...which, value: 10 }),
      ]);
      const [captured, released, extended, other] = answers;
      const done = [captured, released, other].filter(wasDone);
      await both.setClock(start + 7_300_000);
      const reservation = await reservationOf(customerId, 'raced');
      const used = captured && wasDone(captured) ? 40 : other && wasDone(other) ? 10 : 0;
      const status = done.length === 0 ? 'EXPIRED' : used > 0 ? 'CAPTURED' : 'RELEASED';
      expect(done.length, JSON.stringify(answers)).toBeLessThanOrEqual(1);
      expect(reservation).toMatchObject({ status, held: 0, used });
      expect(await amountsOf(customerId)).toMatchObject({
        usage: used,
        remaining: 100 - used,
        reserved: 0,
      });
      for (const refused of answers) {
        if (!wasDone(refused)) expect(refused.code).toBe('RESERVATION_ENDED');
      }
      const end = `${status}${extended && wasDone(extended) ? ' extended' : ''}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    await both.setClock(Date.now());
    expect(ends.size).toBeGreaterThan(1);
  });
});

function wasDone({ code }: ReservationAnswer): boolean {
  return code === undefined;
}

describe('a gateway of an earlier release', () => {
  it('refuses to read a balance of which something is reserved, in whatever part', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const formOf = async () => {
      const [row] = await both.sql<{ rollovers: { v: number }[] }>(
        'SELECT rollovers FROM balances JOIN customers USING (customer_key) WHERE customers.id = $1',
        [customerId],
      );
      return row?.rollovers;
    };
    expect(await formOf()).toEqual([]);
    await call('reserveBalance', { customerId, ...messages, value: 1, reservationId: 'marked' });
    // Releases before this one have schemas for the versions 0 and 1, and refuse all others.
    expect(await formOf()).toEqual([{ v: 2, reserved: '1' }]);
    await call('releaseReservation', { customerId, reservationId: 'marked' });
    expect(await formOf()).toEqual([]);
  });
});
