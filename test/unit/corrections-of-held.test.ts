/** Corrections of balances of which reservations hold something (R24, R28, R32, R33). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
import { correct, refuseCorrection } from '../../src/domain/correction.js';
import { refuseHeld } from '../../src/domain/delete-balance.js';
import { heldByBalance } from '../../src/domain/hold.js';
import { planUsage } from '../../src/domain/plan.js';
import { type Quantity, units, ZERO } from '../../src/domain/quantity.js';
import { reserve } from '../../src/domain/reserve.js';
import { capture, release } from '../../src/domain/settle.js';
import { recordUse } from '../../src/domain/track.js';
import { changesOf } from '../support/cases/domain-corrections.js';
import type { PlainUpdate } from '../support/cases/plain.js';
import { accountOf, at, balanceOf, CATALOG, monthlyFrom, NOW } from './given.js';

const DAY = 86_400_000;

/** 10 messages a month, 6 of an earlier month until 20 January and 4 of another one until 1 March. */
const START = balanceOf({
  rollovers: [
    { granted: units(6), used: ZERO, expiresAt: at('2026-01-20T00:00:00Z') },
    { granted: units(4), used: ZERO, expiresAt: at('2026-03-01T00:00:00Z') },
  ],
  reset: monthlyFrom('2026-01-01T00:00:00Z', { rollover: { max: null, keep: null } }),
  nextResetAt: at('2026-02-01T00:00:00Z'),
});

/** Sums up the entries beside the account, as the ledger does. */
class Ledger {
  account: Account;
  now = NOW;
  sum: Quantity;

  constructor(start: Balance = START) {
    this.account = accountOf([start]);
    this.sum = standing(start);
  }

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

  reserve(id: string, value: number, afterMs = 30 * DAY): boolean {
    const request = {
      customerId: 'customer',
      reservationId: id,
      entityId: null,
      featureId: 'messages',
      eventName: null,
      properties: null,
      value: units(value),
      overageBehavior: 'REJECT',
      expiry: { afterMs },
    } as const;
    if (this.account.holds.some((hold) => hold.id === id)) return false;
    const decided = reserve(this.account, CATALOG, request, null, this.now);
    if (decided.ok) this.take(decided);
    return decided.ok;
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
    if (decided.ok) this.take(decided);
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
    const { after } = planUsage(this.account, CATALOG, request, this.now);
    const { recorded, entries } = recordUse(this.account, after);
    this.take({ account: recorded, entries });
  }

  /** The rule that is broken; null if it was corrected. */
  correct(update: Omit<PlainUpdate, 'name'>): string | null {
    const changes = changesOf({ name: 'balance', ...update });
    const refusal = refuseCorrection(this.account, CATALOG, this.balance, changes, this.now);
    if (refusal !== null) return 'issues' in refusal ? (refusal.issues[0]?.rule ?? '') : '';
    const { account, entry } = correct(this.account, this.balance, changes, this.now);
    this.take({ account, entries: entry === null ? [] : [entry] });
    return null;
  }
}

describe('a correction', () => {
  it('uses what is not reserved of each part, and the rest exceeds the grant', () => {
    const ledger = new Ledger();
    ledger.reserve('hold', 13);
    expect(ledger.balance).toMatchObject({
      reserved: units(3),
      rollovers: [{ reserved: units(6) }, { reserved: units(4) }],
    });
    expect(ledger.correct({ usage: 9 })).toBeNull();
    expect(ledger.balance).toMatchObject({
      used: units(9),
      reserved: units(3),
      rollovers: [
        { used: ZERO, reserved: units(6) },
        { used: ZERO, reserved: units(4) },
      ],
    });
    expect([remaining(ledger.balance), overage(ledger.balance)]).toEqual([ZERO, ZERO]);
    ledger.capture('hold', 13);
    expect([totalUsed(ledger.balance), overage(ledger.balance)]).toEqual([units(22), units(2)]);
  });

  it('leaves at most what is granted and not reserved', () => {
    const ledger = new Ledger();
    ledger.reserve('hold', 13);
    ledger.track(5);
    expect(ledger.correct({ remaining: 8 })).toBe('maximum');
    expect(ledger.correct({ remaining: 7 })).toBeNull();
    expect([totalUsed(ledger.balance), remaining(ledger.balance)]).toEqual([ZERO, units(7)]);
    expect(ledger.correct({ remaining: 0 })).toBeNull();
    expect(totalUsed(ledger.balance)).toBe(units(7));
    expect(totalReserved(ledger.balance)).toBe(units(13));
  });

  it('of the grant to less than is used and reserved leaves nothing, and takes back nothing', () => {
    const ledger = new Ledger(balanceOf());
    ledger.track(4);
    ledger.reserve('hold', 5);
    expect(ledger.correct({ granted: 3 })).toBeNull();
    expect(ledger.balance).toMatchObject({
      granted: units(3),
      used: units(4),
      reserved: units(5),
    });
    expect(remaining(ledger.balance)).toBe(ZERO);
    expect(ledger.correct({ remaining: 1 })).toBe('maximum');
    expect(ledger.correct({ remaining: 0 })).toBeNull();
    expect([totalUsed(ledger.balance), totalReserved(ledger.balance)]).toEqual([ZERO, units(5)]);
    ledger.release('hold');
    expect(remaining(ledger.balance)).toBe(units(3));
  });

  it('to a figure that holds already changes nothing, whatever has been given back since', () => {
    const ledger = new Ledger();
    ledger.reserve('hold', 10);
    ledger.track(5);
    ledger.release('hold');
    const before = ledger.account;
    expect(ledger.correct({ usage: 5 })).toBeNull();
    expect(ledger.correct({ remaining: 15 })).toBeNull();
    expect(ledger.account).toBe(before);
  });

  it('brings back nothing that has expired', () => {
    const ledger = new Ledger();
    ledger.track(8);
    ledger.wait(11);
    expect(ledger.correct({ remaining: 15 })).toBe('maximum');
    expect(ledger.correct({ usage: 1 })).toBeNull();
    expect([totalUsed(ledger.balance), remaining(ledger.balance)]).toEqual([units(1), units(14)]);
    expect(advanceAccount(ledger.account, ledger.now).entries).toEqual([]);
  });
});

it('a balance of which something is reserved is not deleted until that has ended', () => {
  const ledger = new Ledger(balanceOf());
  ledger.reserve('first', 2);
  ledger.reserve('second', 3, 31 * DAY - 1);
  const refusalOf = () => refuseHeld(ledger.account, ledger.balance, 'name');
  expect(refusalOf()).toMatchObject({
    code: 'INVALID_INPUT',
    issues: [
      {
        path: 'id',
        value: '"name"',
        rule: 'reserved',
        message: expect.stringContaining('"first"'),
      },
    ],
  });
  ledger.release('first');
  expect(refusalOf()?.message).toContain('hold 3 of the balance');
  ledger.capture('second', 3);
  expect(refusalOf()).toBeNull();
});

type Step = (ledger: Ledger) => void;

const amount = fc.integer({ min: 0, max: 25 });
const name = fc.constantFrom('a', 'b', 'c');

/** A correction, after which the figure holds and what is reserved is what it was. */
const correction = fc
  .oneof(
    fc.record({ usage: amount }),
    fc.record({ remaining: amount }),
    fc.record({ granted: amount }),
    fc.record({ granted: amount, remaining: amount }),
  )
  .map(
    (update): Step =>
      (ledger) => {
        const { balance: before, now } = ledger;
        if (ledger.correct(update) !== null) return;
        const { balance } = ledger;
        expect(balance.reserved).toBe(before.reserved);
        expect(totalReserved(balance)).toBe(totalReserved(before));
        if ('usage' in update) expect(totalUsed(balance)).toBe(units(update.usage));
        if ('remaining' in update) expect(remaining(balance)).toBe(units(update.remaining));
        if ('remaining' in update) expect(overage(balance)).toBe(ZERO);
        if ('granted' in update) expect(balance.granted).toBe(units(update.granted));
        // What a read shows at the same time is no other figure.
        expect(advanceAccount(ledger.account, now).entries).toEqual([]);
      },
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  correction,
  amount.map(
    (value): Step =>
      (ledger) =>
        ledger.track(value),
  ),
  fc.tuple(name, amount).map(
    ([id, value]): Step =>
      (ledger) => {
        ledger.reserve(id, value);
      },
  ),
  fc.tuple(name, amount).map(
    ([id, value]): Step =>
      (ledger) =>
        ledger.capture(id, value),
  ),
  name.map(
    (id): Step =>
      (ledger) =>
        ledger.release(id),
  ),
  fc.integer({ min: 1, max: 12 }).map(
    (days): Step =>
      (ledger) =>
        ledger.wait(days),
  ),
);

it('whatever happens between, the ledger sums up and what is held is there', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const ledger = new Ledger();
      for (const happen of steps) {
        happen(ledger);
        const { account, balance } = ledger;
        expect(ledger.sum).toBe(standing(balance));
        const held = [...heldByBalance(account.holds).values()].flat();
        const takes = held.flatMap((one) => one.takes);
        expect(takes.reduce((sum, take) => sum + take.amount, ZERO)).toBe(totalReserved(balance));
        for (const part of balance.rollovers) {
          expect(part.used >= ZERO).toBe(true);
          expect(part.used + reservedOf(part) <= part.granted).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
