/** What reservations hold, and how they end (R23 to R28), through two gateways on one database. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { monthly, oneOff } from '../support/cases/case.js';
import * as operations from '../support/client/operations.js';
import { settle } from '../support/client/reservations.js';
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

const { amountsOf, call, client, customer, kindsOf, listed, reservationOf } = reservingOn(
  () => both,
);

const messages = { featureId: 'messages' };

describe('a reservation', () => {
  it('sets aside what nothing else can use, until it is captured', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const input = { customerId, ...messages, value: 70, reservationId: 'one' };
    const reserved = await call('reserveBalance', input);
    expect(reserved).toMatchObject({
      reservation: { reservationId: 'one', status: 'LIVE', value: 70, held: 70, used: 0 },
      replayed: false,
      deductions: [{ amount: 70 }],
      unapplied: [],
      balances: [{ granted: 100, remaining: 30, usage: 0, reserved: 70 }],
    });
    const more = { customerId, ...messages, value: 31, reservationId: 'more' };
    const refused = {
      code: 'INSUFFICIENT_BALANCE',
      message: expect.stringMatching(/ reserve with overageBehavior CAP or OVERFLOW\.$/) as string,
      missing: [{ amount: 1 }],
      ...{ reason: 'INSUFFICIENT_BALANCE', largestAllowed: 30 },
      nextChangeAt: (await reservationOf(customerId, 'one'))?.['expiresAt'],
      replayed: false,
    };
    expect(await call('reserveBalance', more)).toMatchObject(refused);
    expect(await call('reserveBalance', more)).toMatchObject({ ...refused, replayed: true });
    const track = { ...messages, value: 31, overageBehavior: 'REJECT' } as const;
    expect(await operations.track(client(), customerId, track)).toMatchObject({
      code: 'INSUFFICIENT_BALANCE',
      missing: [{ amount: 1 }],
    });
    expect(await listed(customerId)).toEqual(['one']);
    const captured = await call('captureReservation', {
      customerId,
      reservationId: 'one',
      value: 20,
    });
    expect(captured).toMatchObject({
      reservation: { status: 'CAPTURED', held: 0, used: 20 },
      value: 20,
      event: { value: 20, properties: null, reservationId: 'one' },
      deductions: [{ amount: 20 }],
      balances: [{ remaining: 80, usage: 20, reserved: 0 }],
    });
    expect(await kindsOf(customerId)).toEqual([
      'GRANT 100',
      'RESERVE -70',
      'CAPTURE 0',
      'RELEASE 50',
    ]);
    expect(await listed(customerId)).toEqual([]);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 80, usage: 20, reserved: 0 });
  });

  it('can be captured in parts, and beyond what it holds', async () => {
    const customerId = await customer(oneOff('messages', 100));
    const which = { customerId, reservationId: 'parts' };
    await call('reserveBalance', { ...which, ...messages, value: 50, properties: { a: 1, b: 2 } });
    const part = await call('captureReservation', {
      ...which,
      value: 30,
      final: false,
      properties: { b: 3 },
    });
    expect(part).toMatchObject({
      reservation: { status: 'LIVE', held: 20, used: 30 },
      event: { value: 30, properties: { a: 1, b: 3 } },
    });
    const rest = await call('captureReservation', { ...which, value: 75 });
    expect(rest).toMatchObject({
      reservation: { status: 'CAPTURED', held: 0, used: 105 },
      unapplied: [{ amount: 5 }],
      deductions: [{ amount: 70 }],
      balances: [{ remaining: 0, usage: 100, reserved: 0 }],
    });
  });

  it('and its capture have no more properties together than a usage event can have', async () => {
    const customerId = await customer(oneOff('messages', 10));
    const which = { customerId, reservationId: 'long' };
    const [x, y] = ['x'.repeat(40_000), 'y'.repeat(40_000)];
    await call('reserveBalance', { ...which, ...messages, properties: { a: x } });
    const refused = await call('captureReservation', { ...which, properties: { b: y } });
    expect(refused).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'properties', rule: 'bytes' }],
    });
    expect(await amountsOf(customerId)).toMatchObject({ usage: 0, reserved: 1 });
    const captured = await call('captureReservation', { ...which, properties: { a: y } });
    expect(captured).toMatchObject({ event: { properties: { a: y } } });
  });

  it('is left as it is by a capture that is refused', async () => {
    const customerId = await customer(oneOff('messages', 10));
    const which = { customerId, reservationId: 'refused' };
    await call('reserveBalance', { ...which, ...messages, value: 8 });
    const tooMuch = {
      ...which,
      value: 11,
      overageBehavior: 'REJECT',
      idempotencyKey: 'too much',
    };
    const refused = {
      code: 'INSUFFICIENT_BALANCE',
      message: expect.stringMatching(/ capture with overageBehavior CAP or OVERFLOW\.$/) as string,
      missing: [{ amount: 1 }],
      ...{ reason: 'INSUFFICIENT_BALANCE', largestAllowed: 10 },
      nextChangeAt: (await reservationOf(customerId, 'refused'))?.['expiresAt'],
      replayed: false,
    };
    expect(await call('captureReservation', tooMuch)).toMatchObject(refused);
    expect(await call('captureReservation', tooMuch)).toMatchObject({ ...refused, replayed: true });
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 2, usage: 0, reserved: 8 });
    const released = await call('releaseReservation', which);
    expect(released).toMatchObject({ reservation: { status: 'RELEASED' }, replayed: false });
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 10, usage: 0, reserved: 0 });
  });

  it('expires by itself at its instant, which reads show without any write', async () => {
    const customerId = await customer(oneOff('messages', 10));
    const which = { customerId, reservationId: 'expiring' };
    const start = Date.now();
    await both.setClock(start);
    await call('reserveBalance', { ...which, ...messages, value: 8, expiresInSeconds: 3_600 });
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 2, reserved: 8 });
    await both.setClock(start + 3_700_000);
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 10, reserved: 0 });
    expect(await reservationOf(customerId, 'expiring')).toMatchObject({
      status: 'EXPIRED',
      held: 0,
    });
    expect(await listed(customerId)).toEqual([]);
    expect(await call('captureReservation', which)).toMatchObject({
      code: 'RESERVATION_ENDED',
      how: 'EXPIRED',
      used: 0,
    });
    expect(await kindsOf(customerId)).toEqual(['GRANT 10', 'RESERVE -8']);
    await operations.track(client(), customerId, { ...messages, value: 1 });
    expect(await kindsOf(customerId)).toEqual(['GRANT 10', 'RESERVE -8', 'RELEASE 8', 'TRACK -1']);
    await both.setClock(start);
  });

  it('outlives a reset of its balance, and is used in the period of the capture', async () => {
    const customerId = await customer(
      monthly('messages', 10, {}, { anchor: '2027-01-01T00:00:00Z' }),
    );
    const which = { customerId, reservationId: 'over' };
    await both.setClock(Date.parse('2027-01-31T23:59:00Z'));
    await operations.track(client(), customerId, { ...messages, value: 2 });
    await call('reserveBalance', { ...which, ...messages, value: 8 });
    await both.setClock(Date.parse('2027-02-01T00:01:00Z'));
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 2, usage: 0, reserved: 8 });
    await call('captureReservation', { ...which, value: 5 });
    expect(await amountsOf(customerId)).toMatchObject({ remaining: 5, usage: 5, reserved: 0 });
    await both.setClock(Date.now());
  });

  it('keeps what it holds of a balance that has expired, and gives nothing of it back', async () => {
    const expiresAt = '2027-03-01T00:00:00Z';
    const customerId = await customer(oneOff('messages', 10, { expiresAt }));
    const which = { customerId, reservationId: 'kept' };
    await both.setClock(Date.parse('2027-02-28T23:59:00Z'));
    await call('reserveBalance', { ...which, ...messages, value: 8 });
    await both.setClock(Date.parse('2027-03-01T00:01:00Z'));
    expect(await amountsOf(customerId)).toBeNull();
    await operations.track(client(), customerId, { ...messages, value: 1 });
    const captured = await call('captureReservation', { ...which, value: 5 });
    expect(captured).toMatchObject({
      reservation: { used: 5 },
      deductions: [{ amount: 5 }],
      unapplied: [],
    });
    expect(await kindsOf(customerId)).toEqual(
      ['GRANT 10', 'RESERVE -8', 'EXPIRE -2', 'CAPTURE 0', 'RELEASE 3', 'EXPIRE -3'].slice(0, 6),
    );
    await both.setClock(Date.now());
  });

  it('ends with its entity', async () => {
    const customerId = await customer(
      oneOff('messages', 10),
      oneOff('messages', 5, { name: 'own', entityId: 'seat' }),
    );
    const which = { customerId, reservationId: 'seat' };
    await call('reserveBalance', { ...which, ...messages, value: 8, entityId: 'seat' });
    await client().run(
      'mutation ($input: EntitiesDeleteInput!) { deleteEntity(input: $input) { __typename } }',
      { input: { customerId, entityId: 'seat' } },
    );
    expect(await amountsOf(customerId)).toMatchObject({ granted: 10, remaining: 10, reserved: 0 });
    expect(await reservationOf(customerId, 'seat')).toMatchObject({ status: 'RELEASED' });
  });

  it('is extended to expire later or earlier, and not beyond 30 days', async () => {
    const customerId = await customer(oneOff('messages', 10));
    const which = { customerId, reservationId: 'extended' };
    await call('reserveBalance', { ...which, ...messages, value: 8 });
    const later = await call('extendReservation', { ...which, expiresInSeconds: 2_592_000 });
    expect(later).toMatchObject({ reservation: { status: 'LIVE', held: 8 } });
    const beyond = new Date(Date.now() + 31 * 86_400_000).toISOString();
    expect(await call('extendReservation', { ...which, expiresAt: beyond })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'expiresAt', rule: 'range' }],
    });
    await call('releaseReservation', which);
    expect(await call('extendReservation', which)).toMatchObject({
      code: 'RESERVATION_ENDED',
      how: 'RELEASED',
    });
  });

  it('has an expiry that is judged by the clock of its commit, whatever was cached before', async () => {
    const customerId = await customer(oneOff('messages', 10));
    const [start, later] = [Date.parse('2027-01-01T00:00:00Z'), Date.parse('2027-01-21T00:00:00Z')];
    const live = { reservation: { status: 'LIVE' } };
    const refused = { code: 'INVALID_INPUT', issues: [{ path: 'expiresAt', rule: 'range' }] };
    for (const { cachedAt, at, expiresAt, expected } of [
      { cachedAt: start, at: later, expiresAt: '2027-02-10T00:00:00Z', expected: live },
      { cachedAt: later, at: start, expiresAt: '2027-02-10T00:00:00Z', expected: refused },
      { cachedAt: later, at: start, expiresAt: '2027-01-20T00:00:00Z', expected: live },
    ]) {
      // By one gateway, so that it decides on what it has cached.
      const [one] = both.clients;
      await both.setClock(cachedAt);
      await operations.track(one, customerId, { ...messages, value: 0 });
      await both.setClock(at);
      const reservationId = `${cachedAt} ${expiresAt}`;
      const input = { customerId, ...messages, reservationId, expiresAt };
      expect(await settle(one, 'reserveBalance', input), reservationId).toMatchObject(expected);
    }
    await both.setClock(Date.now());
  });
});
