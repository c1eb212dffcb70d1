/** Calls about reservations that are repeated, and at once (R23, R27), through two gateways on one database. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import * as operations from '../support/client/operations.js';
import type { ReservationAnswer, ReservationVerb } from '../support/client/reservations.js';
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

const { amountsOf, call, client, customer, kindsOf, reservationOf } = reservingOn(() => both);

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
      message: expect.stringContaining('The reservationId "same" was first used'),
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

  it.each<[ReservationVerb, Record<string, unknown>]>([
    ['reserveBalance', { ...messages, value: 10, expiresInSeconds: 60 }],
    ['captureReservation', { value: 3, idempotencyKey: 'once' }],
    ['captureReservation', { value: 3, final: false, idempotencyKey: 'once' }],
    ['captureReservation', { value: 13, idempotencyKey: 'once' }],
    ['extendReservation', { expiresInSeconds: 3_600, idempotencyKey: 'once' }],
    ['releaseReservation', { idempotencyKey: 'once' }],
  ])('of eight twins at once has one effect and one answer: %s %j', async (verb, input) => {
    const customerId = await customer(oneOff('messages', 100));
    const which = { customerId, reservationId: 'twins' };
    const isFirst = verb === 'reserveBalance';
    if (!isFirst) await call('reserveBalance', { ...which, ...messages, value: 10 });
    const twins = await Promise.all(
      Array.from({ length: 8 }, () => call(verb, { ...which, ...input })),
    );
    expect(twins.filter(({ replayed }) => replayed === false).length).toBe(1);
    const [first] = twins;
    for (const twin of twins) {
      // The event itself is not stored with the answer.
      expect({ ...twin, replayed: true, event: null }).toEqual({
        ...first,
        replayed: true,
        event: null,
      });
    }
    const kinds = (await kindsOf(customerId)).map((kind) => kind.split(' ')[0]);
    expect(new Set(kinds).size, `${kinds}`).toBe(kinds.length);
    const events = await operations.events(client(), customerId);
    expect(events.length).toBe(verb === 'captureReservation' ? 1 : 0);
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

  it('of 100 uses of 2, a grant of 120 accepts exactly 60, whatever else is reserved', async () => {
    for (const reserved of [0, 30]) {
      const customerId = await customer(oneOff('messages', 120 + reserved));
      const held = { customerId, ...messages, value: reserved, reservationId: 'other' };
      await call('reserveBalance', held);
      const answers = await Promise.all(
        Array.from({ length: 100 }, () =>
          operations.track(client(), customerId, {
            ...messages,
            value: 2,
            overageBehavior: 'REJECT',
          }),
        ),
      );
      expect(answers.filter(operations.wasTracked).length).toBe(60);
      expect(await amountsOf(customerId)).toMatchObject({ remaining: 0, usage: 120, reserved });
    }
  });

  it('uses, reservations and captures of what is left take all of it and nothing more', async () => {
    const customerId = await customer(oneOff('messages', 300));
    const rounds = Array.from({ length: 60 }, (_, n) => n);
    const taken = await Promise.all(
      rounds.map(async (n): Promise<number> => {
        if (n % 3 === 0) {
          const used = await operations.track(client(), customerId, {
            ...messages,
            value: 7,
            overageBehavior: 'REJECT',
          });
          return operations.wasTracked(used) ? 7 : 0;
        }
        const which = { customerId, reservationId: `r${n}` };
        const reserved = await call('reserveBalance', { ...which, ...messages, value: 9 });
        if (!wasDone(reserved)) return 0;
        if (n % 3 === 1) return 9;
        const captured = await call('captureReservation', { ...which, value: 9 });
        return captured.value ?? 0;
      }),
    );
    const sum = taken.reduce((total, one) => total + one, 0);
    expect(sum).toBeLessThanOrEqual(300);
    expect(300 - sum).toBeLessThan(9);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 300 - sum });
  });

  it('200 that are each captured, released, extended and expiring at one instant end exactly one way', {
    timeout: 120_000,
  }, async () => {
    const ends = new Map<string, number>();
    const start = Date.now();
    for (let round = 0; round < 25; round += 1) {
      const raced = await Promise.all(
        Array.from({ length: 8 }, () => customer(oneOff('messages', 100))),
      );
      await both.setClock(start);
      const expiresAt = new Date(start + 60_000).toISOString();
      for (const customerId of raced) {
        const which = { customerId, reservationId: 'raced' };
        await call('reserveBalance', { ...which, ...messages, value: 60, expiresAt });
      }
      // Mostly, the instant comes while the calls are on their way.
      await both.setClock(start + 60_000 - (LEADS_MS[round % LEADS_MS.length] ?? 0));
      const answered = await Promise.all(raced.map(race));
      await both.setClock(start + 7_300_000);
      for (const [index, customerId] of raced.entries()) {
        const end = await endOf(customerId, answered[index] ?? []);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
    }
    await both.setClock(Date.now());
    process.stdout.write(`${[...ends].map(([end, count]) => `${end} ${count}`).join(', ')}\n`);
    expect(ends.size).toBeGreaterThan(1);
  });
});

/** How long before the instant the clock is set. */
const LEADS_MS = [0, 10, 30, 80, 200, 2_000];

/** All that can happen to it, at once; which of them is sent first varies. */
async function race(customerId: string, number: number): Promise<ReservationAnswer[]> {
  const which = { customerId, reservationId: 'raced' };
  const calls: [ReservationVerb, object][] = [
    ['captureReservation', { ...which, value: 40 }],
    ['releaseReservation', which],
    ['captureReservation', { ...which, value: 10 }],
    ['extendReservation', { ...which, expiresInSeconds: 3_600 }],
  ];
  const first = number % calls.length;
  const sent = [...calls.slice(first), ...calls.slice(0, first)];
  const answers = await Promise.all(sent.map(([verb, input]) => call(verb, { ...input })));
  return [...answers.slice(calls.length - first), ...answers.slice(0, calls.length - first)];
}

/** How it ended: in the way that one answer says, or by expiring if none does. */
async function endOf(customerId: string, answers: readonly ReservationAnswer[]): Promise<string> {
  const [captured, , other, extended] = answers.map(wasDone);
  const done = answers.slice(0, 3).filter(wasDone);
  const used = captured ? 40 : other ? 10 : 0;
  const status = done.length === 0 ? 'EXPIRED' : used > 0 ? 'CAPTURED' : 'RELEASED';
  expect(done.length, JSON.stringify(answers)).toBeLessThanOrEqual(1);
  for (const refused of answers) {
    if (!wasDone(refused)) expect(refused.code).toBe('RESERVATION_ENDED');
  }
  expect(await reservationOf(customerId, 'raced')).toMatchObject({ status, held: 0, used });
  expect(await amountsOf(customerId)).toMatchObject({
    usage: used,
    remaining: 100 - used,
    reserved: 0,
  });
  const events = await operations.events(client(), customerId);
  expect(events.map(({ value }) => value)).toEqual(used > 0 ? [used] : []);
  return `${status}${extended ? ' extended' : ''}`;
}

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
