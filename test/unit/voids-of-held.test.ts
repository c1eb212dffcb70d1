/** Usage events that are undone beside reservations, and those of captures (R25, R28, R34). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Account, advanceAccount } from '../../src/domain/account.js';
import { present } from '../../src/domain/assert.js';
import {
  type Balance,
  overage,
  remaining,
  reservedOf,
  standing,
  totalReserved,
  totalUsed,
} from '../../src/domain/balance.js';
import type { Deduction } from '../../src/domain/deduction.js';
import { heldByBalance } from '../../src/domain/hold.js';
import { planUsage } from '../../src/domain/plan.js';
import { type Quantity, units, ZERO } from '../../src/domain/quantity.js';
import { reserve } from '../../src/domain/reserve.js';
import { capture, release } from '../../src/domain/settle.js';
import { recordUse } from '../../src/domain/track.js';
import { type Reversal, reverse } from '../../src/domain/void.js';
import { accountOf, at, balanceOf, CATALOG, monthlyFrom, NOW } from './given.js';

const DAY = 86_400_000;

/** 10 messages a month, and 6 of an earlier month until 20 January. */
const START = balanceOf({
  rollovers: [{ granted: units(6), used: ZERO, expiresAt: at('2026-01-20T00:00:00Z') }],
  reset: monthlyFrom('2026-01-01T00:00:00Z'),
  nextResetAt: at('2026-02-01T00:00:00Z'),
});

interface Event {
  readonly deductions: readonly Deduction[];
  readonly recordedAt: number;
}

/** Sums up the entries beside the account, as the ledger does. */
class Ledger {
  account: Account = accountOf([START]);
  now = NOW;
  sum: Quantity = standing(START);
  readonly events: Event[] = [];

  get balance(): Balance {
    return present(this.account.balances[0], 'there is one');
  }

  take({ account, entries }: { account: Account; entries: readonly { amount: Quantity }[] }) {
    this.account = account;
    this.sum = entries.reduce((sum, { amount }) => sum + amount, this.sum);
  }

  wait(days: number) {
    this.now += days * DAY;
    this.take(advanceAccount(this.account, this.now));
  }

  reserve(id: string, value: number) {
    const request = {
      customerId: 'customer',
      reservationId: id,
      entityId: null,
      featureId: 'messages',
      eventName: null,
      properties: null,
      value: units(value),
      overageBehavior: 'REJECT',
      expiry: { afterMs: 30 * DAY },
    } as const;
    if (this.account.holds.some((hold) => hold.id === id)) return;
    const decided = reserve(this.account, CATALOG, request, null, this.now);
    if (decided.ok) this.take(decided);
  }

  capture(id: string, value: number) {
    const hold = this.account.holds.find((one) => one.id === id);
    if (hold === undefined) return;
    const request = {
      value: units(value),
      final: false,
      properties: null,
      overageBehavior: 'CAP',
    } as const;
    const decided = capture(this.account, CATALOG, hold, request, this.now);
    if (!decided.ok) return;
    this.take(decided);
    this.events.push({ deductions: decided.settled.deductions, recordedAt: this.now });
  }

  release(id: string) {
    const hold = this.account.holds.find((one) => one.id === id);
    if (hold !== undefined) this.take(release(this.account, CATALOG, hold, this.now));
  }

  track(value: number) {
    const request = {
      entityId: null,
      featureId: 'messages',
      eventName: null,
      properties: null,
      value: units(value),
      overageBehavior: 'OVERFLOW',
    } as const;
    const { after, charges } = planUsage(this.account, CATALOG, request, this.now);
    const { recorded, entries } = recordUse(this.account, after);
    const deductions = charges.flatMap(({ charged }) => charged.deductions);
    this.take({ account: recorded, entries });
    this.events.push({ deductions, recordedAt: this.now });
  }

  void(index: number): Reversal {
    const { deductions, recordedAt } = present(this.events[index], 'it was recorded');
    const undone = reverse(this.account, deductions, recordedAt, this.now);
    if (!undone.ok) throw new Error('amounts are small');
    this.take(undone);
    return undone.reversal;
  }
}

it('what is reserved stays, and what is given back can be used', () => {
  const ledger = new Ledger();
  ledger.track(10);
  ledger.reserve('hold', 6);
  expect(remaining(ledger.balance)).toBe(ZERO);
  ledger.void(0);
  expect([totalUsed(ledger.balance), totalReserved(ledger.balance)]).toEqual([ZERO, units(6)]);
  expect(remaining(ledger.balance)).toBe(units(10));
});

it('a capture is undone by what it used, although its ledger entry has no amount', () => {
  const ledger = new Ledger();
  ledger.reserve('hold', 12);
  ledger.capture('hold', 9);
  expect([totalUsed(ledger.balance), totalReserved(ledger.balance)]).toEqual([units(9), units(3)]);
  expect(ledger.void(0)).toMatchObject({ reversed: [{ amount: units(9) }], notReversed: [] });
  expect([totalUsed(ledger.balance), totalReserved(ledger.balance)]).toEqual([ZERO, units(3)]);
  expect(remaining(ledger.balance)).toBe(units(13));
  ledger.capture('hold', 3);
  expect(totalUsed(ledger.balance)).toBe(units(3));
});

it('a capture of more than was held is undone as a whole', () => {
  const ledger = new Ledger();
  ledger.reserve('hold', 12);
  ledger.capture('hold', 15);
  expect(ledger.void(0)).toMatchObject({ notReversed: [] });
  expect([totalUsed(ledger.balance), remaining(ledger.balance)]).toEqual([ZERO, units(16)]);
});

it('a capture after a reset is of the period in which it was captured', () => {
  const ledger = new Ledger();
  ledger.reserve('hold', 12);
  ledger.wait(25);
  ledger.capture('hold', 12);
  ledger.void(0);
  expect([ledger.balance.used, ledger.balance.reserved]).toEqual([ZERO, ZERO]);
});

it('what was captured of an amount rolled over that has expired stays used', () => {
  const ledger = new Ledger();
  ledger.reserve('hold', 6);
  ledger.wait(12);
  ledger.capture('hold', 6);
  expect(ledger.void(0)).toMatchObject({
    reversed: [],
    notReversed: [{ amount: units(6), reason: 'PERIOD_OVER' }],
  });
});

it('what is taken again exceeds the grant where others have reserved it', () => {
  const ledger = new Ledger();
  ledger.track(16);
  ledger.track(-10);
  ledger.reserve('hold', 10);
  ledger.void(1);
  expect([ledger.balance.used, ledger.balance.reserved]).toEqual([units(10), units(10)]);
  ledger.capture('hold', 10);
  expect(overage(ledger.balance)).toBe(units(10));
});

const step = fc.oneof(
  fc.record({ track: fc.integer({ min: -6, max: 12 }) }),
  fc.record({ void: fc.nat({ max: 20 }) }),
  fc.record({ reserve: fc.integer({ min: 1, max: 12 }), of: fc.constantFrom('a', 'b') }),
  fc.record({ capture: fc.integer({ min: 0, max: 9 }), of: fc.constantFrom('a', 'b') }),
  fc.record({ release: fc.constantFrom('a', 'b') }),
  fc.record({ wait: fc.integer({ min: 1, max: 12 }) }),
);

it('whatever happens, what is held is what reservations hold, and the ledger sums to the balance', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const ledger = new Ledger();
      for (const one of steps) {
        const before = ledger.balance;
        if ('track' in one) ledger.track(one.track);
        else if ('reserve' in one) ledger.reserve(one.of, one.reserve);
        else if ('capture' in one) ledger.capture(one.of, one.capture);
        else if ('release' in one) ledger.release(one.release);
        else if ('wait' in one) ledger.wait(one.wait);
        else if (ledger.events.length > 0) {
          ledger.void(one.void % ledger.events.length);
          expect(totalReserved(ledger.balance)).toBe(totalReserved(before));
          expect(ledger.balance.rollovers.map(reservedOf)).toEqual(
            before.rollovers.map(reservedOf),
          );
        }
        const { balance } = ledger;
        expect(ledger.sum).toBe(standing(balance));
        const held = heldByBalance(ledger.account.holds).get(balance.id) ?? [];
        const amounts = held.flatMap(({ takes }) => takes.map(({ amount }) => amount));
        expect(totalReserved(balance)).toBe(amounts.reduce((sum, amount) => sum + amount, ZERO));
        for (const part of balance.rollovers) {
          expect(part.used >= ZERO && part.used + reservedOf(part) <= part.granted).toBe(true);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
