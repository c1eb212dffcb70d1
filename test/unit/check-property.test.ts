/** R19 and R21: a check is the answer that a `trackBalance` with REJECT would get. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, advanceAccount } from '../../src/domain/account.js';
import { totalReserved, totalUsed } from '../../src/domain/balance.js';
import { check } from '../../src/domain/check.js';
import { explain } from '../../src/domain/explain.js';
import type { Catalog } from '../../src/domain/feature.js';
import { chargedFeatures } from '../../src/domain/plan.js';
import {
  QUANTITY_INPUT_MAX,
  type Quantity,
  quantityToNumber,
  roundedUp,
} from '../../src/domain/quantity.js';
import { type TrackDecision, track } from '../../src/domain/track.js';
import type { Properties } from '../../src/domain/where.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { grantedBalance, quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';
import { history, replay, WILD_CATALOGUE } from '../support/random/arbitraries.js';
import { holdings, reserveDue } from '../support/random/holdings.js';
import { said } from '../support/random/property-arbitraries.js';

interface Trial {
  readonly account: Account;
  readonly catalog: Catalog;
  readonly asked: Asked;
  readonly now: number;
}

interface Asked {
  readonly featureId: string | null;
  readonly eventName: string | null;
  readonly entityId: string | null;
  readonly value: Quantity;
  readonly properties: Properties | null;
}

const properties = fc.option(said);

const value = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 20_000 }).map((cents) => cents / 100),
  fc.integer({ min: 1, max: 1000 }).map((least) => Number(`${least}e-10`)),
);

const usage = fc.oneof(
  fc.record({
    featureId: fc.constantFrom(...WILD_CATALOGUE.map(({ id }) => id)),
    eventName: fc.constant(null),
  }),
  fc.record({
    featureId: fc.constant(null),
    eventName: fc.constantFrom('action-event', 'everything', 'twice'),
  }),
);

const entity = fc.constantFrom(null, 'seat1', 'seat2');

/** What is reserved: mostly something that there is room for. */
const reservable = fc
  .record({
    what: usage,
    entityId: entity,
    value: value.map(quantityOf),
    properties,
    overageBehavior: fc.constantFrom('CAP' as const, 'CAP' as const, 'REJECT' as const),
  })
  .map(({ what, ...others }) => ({ ...what, ...others }));

const trial: fc.Arbitrary<Trial> = fc
  .tuple(
    history({ lengthMax: 15 }),
    holdings(reservable, 15),
    usage,
    entity,
    value,
    fc.boolean(),
    properties,
  )
  .map(([happenings, holds, what, entityId, amount, asksHeld, said]) => {
    const customer = new DomainCustomer(WILD_CATALOGUE);
    let calls = 0;
    const now = replay(happenings, (call, at) => {
      customer.apply(call, at);
      calls += 1;
      reserveDue(customer, holds, calls, at);
    });
    const { account } = advanceAccount(customer.account, now);
    const held = account.balances[0]?.featureId;
    const asked = asksHeld && held !== undefined ? { featureId: held, eventName: null } : what;
    const exact = { ...asked, entityId, value: quantityOf(amount), properties: said };
    return { account, catalog: customer.catalog, asked: exact, now };
  });

function rejecting({ account, catalog, asked, now }: Trial, amount = asked.value): TrackDecision {
  const call = { ...asked, value: amount, customerId: 'customer', timestamp: null };
  return track(account, catalog, { ...call, overageBehavior: 'REJECT' }, now);
}

/** Tracking takes nothing of BOOLEAN features, so that REJECT does not require them (R7), but a check does (R20). */
function flagsHeld({ account, catalog, asked, now }: Trial): boolean {
  return chargedFeatures(catalog, asked)
    .filter(({ type }) => type === 'BOOLEAN')
    .every(({ id }) => {
      const flag = { ...asked, featureId: id, eventName: null };
      return check(account, catalog, flag, now).allowed;
    });
}

const answerOf = ({ account, catalog, asked, now }: Trial) => check(account, catalog, asked, now);

it('is tried on accounts of which something is reserved, too', () => {
  const tried = fc.sample(trial, { numRuns: 500, seed: 1 });
  const reserving = tried.filter(({ account }) =>
    account.balances.some((balance) => totalReserved(balance) > 0n),
  );
  expect(reserving.length).toBeGreaterThan(30);
});

describe('an explanation', () => {
  it.each(['CAP', 'REJECT', 'OVERFLOW'] as const)(
    'is the effect of the call under %s',
    (behavior) =>
      always(700, fc.tuple(trial, fc.boolean()), ([tried, givesBack]) => {
        const { account, catalog, asked, now } = tried;
        const amount = givesBack ? -asked.value : asked.value;
        const call = { ...asked, value: amount, overageBehavior: behavior };
        const told = explain(account, catalog, call, now);
        const decision = track(
          account,
          catalog,
          { ...call, customerId: 'c', timestamp: null },
          now,
        );
        expect(told.refusal).toEqual(decision.ok ? null : decision.refusal);
        if (!decision.ok) return;
        expect(told.unapplied).toEqual(decision.tracked.unapplied);
        const taken = new Map<string, bigint>();
        for (const { balance, granted, overage } of told.steps) {
          taken.set(balance.id, (taken.get(balance.id) ?? 0n) + granted + overage);
        }
        for (const [index, balance] of account.balances.entries()) {
          const after = decision.account.balances[index] ?? balance;
          expect(taken.get(balance.id) ?? 0n).toBe(totalUsed(after) - totalUsed(balance));
        }
        if (behavior === 'OVERFLOW' || givesBack) return;
        for (const step of told.steps) {
          expect(step.granted <= (step.available ?? step.granted)).toBe(true);
          expect(step.overage <= (step.availableOverage ?? step.overage)).toBe(true);
        }
      }),
  );
});

describe('a check', () => {
  it('allows exactly what REJECT would accept, of features that are counted', () =>
    always(3000, trial, (tried) => {
      const expected = rejecting(tried).ok && flagsHeld(tried);
      expect(answerOf(tried).allowed).toBe(expected);
    }));

  it('tells the largest value that would be accepted: the next amount is refused', () =>
    always(3000, trial, (tried) => {
      const { allowed, largestAllowed, reason } = answerOf(tried);
      if (allowed)
        expect({ largestAllowed, reason }).toEqual({ largestAllowed: null, reason: null });
      else if (largestAllowed === null) expect(reason).toBe('NOT_HELD');
      else {
        expect(reason).toBe('INSUFFICIENT_BALANCE');
        expect(largestAllowed).toBeLessThan(tried.asked.value);
        expect(largestAllowed).toBeLessThanOrEqual(QUANTITY_INPUT_MAX);
        expect(rejecting(tried, largestAllowed).ok).toBe(true);
        expect(rejecting(tried, largestAllowed + 1n).ok).toBe(false);
      }
    }));

  it('tells what is missing so that a grant of it, as it is shown, is enough', async () => {
    let enough = 0;
    await always(1000, trial, (tried) => {
      const { missing } = answerOf(tried);
      const [only, ...others] = missing;
      // Several features may want the same grant.
      if (only === undefined || others.length > 0 || only.amount === 0n) return;
      const { account, catalog, now } = tried;
      const granted = quantityToNumber(roundedUp(only.amount));
      const plain = { name: 'more', featureId: only.featureId, granted, priority: 99 };
      const { balance } = grantedBalance(plain, catalog, now);
      const balances = [...account.balances, balance];
      expect(rejecting({ ...tried, account: { ...account, balances } }).ok).toBe(true);
      enough += 1;
    });
    expect(enough).toBeGreaterThan(70);
  });

  it('says the same as the refusal of the call, which a value that is not held has as well', () =>
    always(1500, trial, (tried) => {
      const decision = rejecting(tried);
      if (decision.ok) return;
      const { reason, missing, largestAllowed, nextChangeAt, allowed } = answerOf(tried);
      expect(allowed).toBe(false);
      if (!flagsHeld(tried)) return;
      expect(decision.refusal).toMatchObject({
        code: 'INSUFFICIENT_BALANCE',
        missing,
        why: { reason, largestAllowed, nextChangeAt },
      });
    }));

  it('stays what it is until the next change that it names', () =>
    always(1500, trial, (tried) => {
      const { account, catalog, asked, now } = tried;
      const { nextChangeAt, ...answer } = answerOf(tried);
      const { allowed, reason, missing, largestAllowed } = answer;
      const later = nextChangeAt === null ? now + 40 * 365 * 86_400_000 : nextChangeAt - 1;
      expect(later).toBeGreaterThanOrEqual(now);
      const then = advanceAccount(account, later).account;
      expect(check(then, catalog, asked, later)).toMatchObject({
        allowed,
        reason,
        missing,
        largestAllowed,
      });
    }));
});
