/** R21 for reservations: a refusal says what could be reserved, or captured, instead. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceAccount } from '../../src/domain/account.js';
import { quantityToNumber, quantityToText, roundedDown } from '../../src/domain/quantity.js';
import { insufficientBalance, type Refusal, type WhyNot } from '../../src/domain/refusal.js';
import { reservationFromJson, reservationToJson } from '../../src/meter/stored/reservation.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { holdCall } from '../support/cases/domain-holds.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import type { PlainHoldCall } from '../support/cases/plain.js';
import { CustomerModel } from '../support/model/model.js';
import { always } from '../support/random/always.js';
import { type Happening, history, replay, WILD_CATALOGUE } from '../support/random/arbitraries.js';
import { said } from '../support/random/property-arbitraries.js';

const reserving = fc
  .record({
    what: fc.oneof(
      fc.record({ featureId: fc.constantFrom(...WILD_CATALOGUE.map(({ id }) => id)) }),
      fc.record({ eventName: fc.constantFrom('action-event', 'everything', 'twice') }),
    ),
    entityId: fc.constantFrom('seat1', 'seat2'),
    value: fc.constantFrom(3, 40, 999),
    properties: said,
  })
  .map(({ what, ...others }) => ({ ...what, ...others }));

const capturing = fc.record({
  value: fc.constantFrom(3, 40, 999),
  final: fc.boolean(),
  properties: said,
});

const trial = fc.record({
  happenings: history({ holds: true, behaviors: ['CAP'], lengthMax: 15 }),
  reserve: reserving,
  capture: capturing,
  captures: fc.boolean(),
  asksHeld: fc.boolean(),
});

type Tried = typeof trial extends fc.Arbitrary<infer T> ? T : never;

/** The call with another value, that is refused if the balances cannot cover it; under an id of its own if it reserves. */
function withValue(call: PlainHoldCall, value: number, name: string): PlainHoldCall {
  if ('reserve' in call) return { reserve: { ...call.reserve, value, reservationId: name } };
  return 'capture' in call ? { capture: { ...call.capture, value } } : call;
}

class Customer {
  readonly now: number;
  readonly #domain = new DomainCustomer(WILD_CATALOGUE);

  constructor(happenings: readonly Happening[]) {
    this.now = replay(happenings, (call, at) => this.#domain.apply(call, at));
  }

  /** Without consequences. */
  ask(call: PlainHoldCall, at = this.now): Refusal | 'ACCEPTED' {
    const { account } = advanceAccount(this.#domain.account, at);
    const found = holdCall(call, account, this.#domain.catalog, at);
    if ('code' in found) return found;
    const decision = found.decide(account);
    return decision.ok ? 'ACCEPTED' : decision.refusal;
  }

  /** The first of the calls that the balances cannot cover, and why: captures of what is reserved, or else a reservation. */
  refused({
    captures,
    capture,
    asksHeld,
    reserve,
  }: Tried): { call: PlainHoldCall; why: WhyNot } | null {
    const { account } = advanceAccount(this.#domain.account, this.now);
    const under = { overageBehavior: 'REJECT' } as const;
    const ofHeld = account.holds.map(
      ({ id }): PlainHoldCall => ({ capture: { ...capture, ...under, reservationId: id } }),
    );
    const held = asksHeld ? account.balances[0]?.featureId : undefined;
    const { value, entityId, properties } = reserve;
    const usage = held === undefined ? reserve : { value, entityId, properties, featureId: held };
    const asked: PlainHoldCall = { reserve: { ...usage, ...under, reservationId: 'asked' } };
    for (const call of captures ? [...ofHeld, asked] : [asked]) {
      const refusal = this.ask(call);
      if (refusal === 'ACCEPTED' || refusal.code !== 'INSUFFICIENT_BALANCE') continue;
      expect(refusal.why).not.toBeNull();
      if (refusal.why !== null) return { call, why: refusal.why };
    }
    return null;
  }
}

const counted = { reserved: 0, captured: 0, unknown: 0 };

it('the largest value that is allowed is accepted if it is sent, and the next amount is not, by the model either', async () => {
  await always(600, trial, (tried) => {
    const customer = new Customer(tried.happenings);
    const refused = customer.refused(tried);
    if (refused === null) return;
    const { call, why } = refused;
    const largest = why.largestAllowed;
    if (largest === null) {
      if ('reserve' in call) expect(why.reason).toBe('NOT_HELD');
      else counted.unknown += 1;
      return;
    }
    counted['reserve' in call ? 'reserved' : 'captured'] += 1;
    const model = new CustomerModel(WILD_CATALOGUE);
    const now = replay(tried.happenings, (one, at) => model.apply(one, at));
    const more = Number(quantityToText(largest + 1n));
    if (quantityOf(more) === largest + 1n) {
      const tooMuch = withValue(call, more, 'more');
      expect(customer.ask(tooMuch)).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
      expect(model.apply(tooMuch, now)).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
    }
    // As it is shown.
    const again = withValue(call, quantityToNumber(roundedDown(largest)), 'again');
    expect(customer.ask(again)).toBe('ACCEPTED');
    expect(model.apply(again, now)).toMatchObject({ ok: true });
  });
  expect(counted.reserved).toBeGreaterThan(25);
  expect(counted.captured).toBeGreaterThan(25);
  expect(counted.unknown).toBeLessThan(counted.captured / 2);
});

it('a refusal stays what it is until the next change that it names', () =>
  always(300, trial, (tried) => {
    const customer = new Customer(tried.happenings);
    const refused = customer.refused(tried);
    if (refused === null) return;
    const { call, why } = refused;
    const { now } = customer;
    const later = why.nextChangeAt === null ? now + 20 * 86_400_000 : why.nextChangeAt - 1;
    expect(later).toBeGreaterThanOrEqual(now);
    expect(customer.ask(call, later)).toEqual(customer.ask(call));
  }));

it('a refusal that is stored is told again, with why unless a release without it has stored it', () => {
  const missing = [
    { featureId: 'credits', chargedFeatureId: 'action1', amount: quantityOf(0.4) },
  ] as const;
  const why = { reason: 'NOT_HELD', largestAllowed: quantityOf(2.5), nextChangeAt: 7 } as const;
  const text = reservationToJson({ missing, why });
  expect(reservationFromJson(JSON.parse(text))).toEqual({ missing, why });
  const before = { v: 1, missing: [['credits', 'action1', '0.4']] };
  expect(JSON.parse(reservationToJson({ missing, why: null }))).toEqual(before);
  expect(reservationFromJson(before)).toEqual({ missing, why: null });
  expect(insufficientBalance(missing, 'capture', why, true)).toMatchObject({ why, replayed: true });
});

it('a capture that changes costs and leaves the rest held does not guess what could be captured', () => {
  const priced = (id: string, before: number, now: number) => {
    const costs = [{ cost: before, where: { model: 'a' } }, { cost: now }];
    return { id, type: 'CREDIT_SYSTEM', creditCosts: { tokens: costs } } as const;
  };
  const customer = new DomainCustomer([
    { id: 'tokens', type: 'CONSUMABLE' },
    priced('first', 1, 2),
    priced('second', 3, 1),
  ]);
  customer.apply({ grant: { name: 'one', featureId: 'first', granted: 5 } }, 0);
  customer.apply({ grant: { name: 'two', featureId: 'second', granted: 15 } }, 1);
  const reserve = {
    reservationId: 'r',
    featureId: 'tokens',
    value: 10,
    properties: { model: 'a' },
  };
  expect(customer.apply({ reserve }, 2)).toMatchObject({ ok: true });
  const { account } = customer;
  const decided = (value: number) => {
    const call = { reservationId: 'r', value, final: false, properties: { model: 'b' } } as const;
    const capture = { ...call, overageBehavior: 'REJECT' } as const;
    const found = holdCall({ capture }, account, customer.catalog, 3);
    return 'code' in found ? found : found.decide(account);
  };
  expect(decided(5)).toMatchObject({ ok: false, refusal: { why: { largestAllowed: null } } });
  // All of it is accepted, although half of it is not.
  expect(decided(10)).toMatchObject({ ok: true });
});
