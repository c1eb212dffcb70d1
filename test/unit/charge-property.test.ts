/** What holds for every charge and every history of charges. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceAccount } from '../../src/domain/account.js';
import {
  type Balance,
  type LedgerEntry,
  mainRemaining,
  overage,
  standing,
} from '../../src/domain/balance.js';
import { COST_ONE } from '../../src/domain/cost.js';
import { type Charge, type Charged, charge } from '../../src/domain/deduction.js';
import { drainOrder } from '../../src/domain/drain-order.js';
import { payersOf } from '../../src/domain/feature.js';
import { maxQuantity, minQuantity } from '../../src/domain/quantity.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { minus, type Ratio } from '../support/model/numbers.js';
import { always } from '../support/random/always.js';
import { type Behavior, history, replay, WILD_CATALOGUE } from '../support/random/arbitraries.js';
import { said } from '../support/random/property-arbitraries.js';

const METERED = WILD_CATALOGUE.filter(({ type }) => type !== 'BOOLEAN').map(({ id }) => id);

/** A charge of an account with a history, its time and its result. */
interface Trial {
  readonly balances: readonly Balance[];
  readonly request: Charge;
  readonly charged: Charged;
  readonly now: number;
}

function trial(behaviors: readonly Behavior[], sign: 1 | -1): fc.Arbitrary<Trial> {
  const value = fc.oneof(
    fc.integer({ min: 1, max: 500 }),
    fc.integer({ min: 1, max: 100_000 }).map((cents) => cents / 100),
    fc.integer({ min: 1, max: 1000 }).map((least) => Number(`${least}e-10`)),
  );
  const request = fc.record({
    featureId: fc.constantFrom(...METERED),
    entityId: fc.constantFrom(null, 'seat1', 'seat2'),
    properties: said,
    value,
    overageBehavior: fc.constantFrom(...behaviors),
  });
  return fc.tuple(history({ lengthMax: 15 }), request).map(([happenings, asked]) => {
    const customer = new DomainCustomer(WILD_CATALOGUE);
    const now = replay(happenings, (call, at) => customer.apply(call, at));
    const { balances } = advanceAccount(customer.account, now).account;
    const featureId = heldOr(asked.featureId, balances);
    const payers = payersOf(customer.catalog, featureId, asked.properties);
    const full = { ...asked, featureId, payers, value: quantityOf(asked.value * sign) };
    return { balances, request: full, charged: charge(balances, full, now), now };
  });
}

/** A feature with a balance, if there is any. */
function heldOr(featureId: string, balances: readonly Balance[]): string {
  return balances.find((balance) => METERED.includes(balance.featureId))?.featureId ?? featureId;
}

/** The slots before and after the charge, in drain order. */
function slotsOf({ balances, request, charged, now }: Trial) {
  const after = new Map(charged.balances.map((balance) => [balance.id, balance]));
  return drainOrder(balances, request, now).map((slot) => {
    const { balance, rollover } = slot;
    const partOf = (one: Balance) => (rollover === null ? one : one.rollovers[rollover]);
    const changed = after.get(balance.id) ?? balance;
    const [old, part] = [partOf(balance), partOf(changed)];
    const taken = (part?.used ?? 0n) - (old?.used ?? 0n);
    const room = (part?.granted ?? 0n) - (part?.used ?? 0n);
    const more = overage(changed) - overage(balance);
    const limit = changed.overageAllowed ? (changed.overageLimit ?? 10n ** 40n) : 0n;
    return { ...slot, changed, taken, room, more, overageRoom: limit - overage(changed) };
  });
}

describe('R10: in every charge', () => {
  it('no part is used while an earlier one has room, and no overage while any part has', () =>
    always(400, trial(['CAP', 'REJECT', 'OVERFLOW'], 1), (tried) => {
      const slots = slotsOf(tried);
      const open = slots.findIndex(({ balance, room }) => balance.unlimited || room > 0n);
      if (open === -1) return;
      for (const { taken } of slots.slice(open + 1)) expect(taken).toBe(0n);
      for (const { more } of slots) expect(more).toBe(0n);
      expect(tried.charged.shortfall).toBeNull();
    }));

  it('no overage is used while an earlier one has room, and none beyond its limit', () =>
    always(400, trial(['CAP', 'REJECT'], 1), (tried) => {
      const mains = slotsOf(tried).filter(({ rollover }) => rollover === null);
      const open = mains.findIndex(({ overageRoom }) => overageRoom > 0n);
      for (const { more, overageRoom } of mains) {
        if (more > 0n) expect(overageRoom).toBeGreaterThanOrEqual(0n);
      }
      if (open === -1) return;
      for (const { more } of mains.slice(open + 1)) expect(more).toBe(0n);
      expect(tried.charged.shortfall).toBeNull();
    }));

  it('OVERFLOW leaves no shortfall if any balance is held', () =>
    always(200, trial(['OVERFLOW'], 1), ({ charged }) => {
      expect(charged.shortfall === null || !charged.held).toBe(true);
    }));
});

describe('R13: when usage is given back', () => {
  it('overage is reduced first, in order, then usage, and neither below 0', () =>
    always(400, trial(['CAP', 'REJECT'], -1), (tried) => {
      const slots = slotsOf(tried);
      // What costs nothing is not given back.
      const mains = slots.filter(({ rollover, cost }) => rollover === null && cost > 0n);
      for (const { cost, taken } of slots) if (cost === 0n) expect(taken).toBe(0n);
      for (const { rollover, taken } of slots) if (rollover !== null) expect(taken).toBe(0n);
      for (const { balance, changed, taken } of mains) {
        expect(taken).toBeLessThanOrEqual(0n);
        if (taken < 0n) expect(changed.used).toBeGreaterThanOrEqual(0n);
        expect(mainRemaining(changed)).toBeLessThanOrEqual(
          maxQuantity(balance.granted, mainRemaining(balance)),
        );
      }
      const exceeded = mains.findIndex(({ changed }) => overage(changed) > 0n);
      for (const { taken } of exceeded === -1 ? [] : mains.slice(exceeded + 1))
        expect(taken).toBe(0n);
      for (const { more, taken } of exceeded === -1 ? [] : mains) expect(taken).toBe(more);
      const used = mains.findIndex(({ changed }) => changed.used > 0n);
      for (const { more, taken } of used === -1 ? [] : mains.slice(used + 1)) {
        expect(taken).toBe(more);
      }
      if (used !== -1) expect(tried.charged.shortfall).toBeNull();
    }));
});

describe('what is taken part by part', () => {
  it.each<[string, 1 | -1]>([
    ['taken', 1],
    ['given back', -1],
  ])('is what each balance changes by, as grant or as overage, when usage is %s', (_, sign) =>
    always(300, trial(['CAP', 'REJECT', 'OVERFLOW'], sign), (tried) => {
      const { takings } = tried.charged;
      for (const { balance, rollover, taken, more } of slotsOf(tried)) {
        const own = takings.filter(
          ({ slot }) => slot.balance.id === balance.id && slot.rollover === rollover,
        );
        expect(own.reduce((sum, { amount }) => sum + amount, 0n)).toBe(taken);
        if (rollover !== null) continue;
        const beyond = own.filter((taking) => taking.as === 'OVERAGE');
        expect(beyond.reduce((sum, { amount }) => sum + amount, 0n)).toBe(more);
      }
    }),
  );
});

describe('R6: the requested amount', () => {
  it.each<[string, 1 | -1]>([
    ['taken', 1],
    ['given back', -1],
  ])('is what was %s plus what was not, up to the rounding of one conversion', (_, sign) =>
    always(400, trial(['CAP', 'REJECT', 'OVERFLOW'], sign), ({ request, charged, ...tried }) => {
      if (drainOrder(tried.balances, request, tried.now).some(({ cost }) => cost === 0n)) {
        // What does not fit into the others is free.
        expect(charged.shortfall).toBeNull();
        return;
      }
      const costs = new Map(request.payers.map(({ feature, cost }) => [feature.id, cost]));
      const parts = [...charged.deductions, ...(charged.shortfall ? [charged.shortfall] : [])];
      let open: Ratio = { over: request.value, under: 1n };
      for (const { featureId, amount } of parts) {
        open = minus(open, { over: amount * COST_ONE, under: costs.get(featureId) ?? 1n });
      }
      const cheapest = [...costs.values()]
        .filter((cost) => cost > 0n)
        .reduce<bigint>(minQuantity, COST_ONE);
      const size = open.over < 0n ? -open.over : open.over;
      expect(2n * size * cheapest).toBeLessThanOrEqual(COST_ONE * open.under);
    }),
  );
});

function ledgerOf(entries: readonly LedgerEntry[], { id }: Balance): LedgerEntry[] {
  return entries.filter(({ balanceId }) => balanceId === id);
}

function sum(entries: readonly LedgerEntry[], balance: Balance): bigint {
  return ledgerOf(entries, balance).reduce((total, { amount }) => total + amount, 0n);
}

/** Fails on any attempt to change what was handed in. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

describe('after every call of a history', () => {
  it('each balance is the sum of its ledger, whose entries are numbered without gaps', () =>
    always(300, history(), (happenings) => {
      const customer = new DomainCustomer(WILD_CATALOGUE);
      replay(happenings, (call, now) => {
        customer.apply(call, now);
        const { account, entries } = customer;
        const wrong = account.balances.filter(
          (balance) => standing(balance) !== sum(entries, balance),
        );
        expect(wrong).toEqual([]);
      });
      for (const balance of customer.account.balances) {
        const ledger = ledgerOf(customer.entries, balance);
        expect(ledger.map(({ seq }) => seq)).toEqual(ledger.map((_, index) => index + 1));
        expect(balance.ledgerSeq).toBe(ledger.length);
        let before = 0n;
        for (const { amount, grantedAfter, usedAfter } of ledger) {
          before += amount;
          expect(grantedAfter - usedAfter).toBe(before);
        }
      }
    }));

  it('no balance is below its floor or above its grant, unless OVERFLOW put it there', () =>
    always(300, history({ behaviors: ['CAP', 'REJECT'] }), (happenings) => {
      const customer = new DomainCustomer(WILD_CATALOGUE);
      replay(happenings, (call, now) => {
        customer.apply(call, now);
        for (const balance of customer.account.balances) {
          const { granted, used, overageAllowed, overageLimit, rollovers } = balance;
          expect(used).toBeGreaterThanOrEqual(0n);
          if (!balance.unlimited && !(overageAllowed && overageLimit === null)) {
            expect(used).toBeLessThanOrEqual(granted + (overageLimit ?? 0n));
          }
          for (const part of rollovers) {
            expect(part.used).toBeGreaterThanOrEqual(0n);
            expect(part.used).toBeLessThanOrEqual(part.granted);
          }
        }
      });
    }));

  it('a refusal has changed nothing, and no decision has modified its input', () =>
    always(300, history({ behaviors: ['REJECT', 'CAP'] }), (happenings) => {
      const customer = new DomainCustomer(WILD_CATALOGUE);
      replay(happenings, (call, now) => {
        customer.account = {
          ...customer.account,
          balances: frozen([...customer.account.balances]),
        };
        const { account, entries, events } = customer;
        const before = [account, entries.length, events.length];
        const answer = customer.apply(call, now);
        const after = [customer.account, customer.entries.length, customer.events.length];
        if (answer?.ok === false) {
          expect(after).toEqual(before);
          expect(customer.account).toBe(account);
        }
      });
    }));
});
