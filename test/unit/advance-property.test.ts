/** What holds for every balance, however time passes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Advanced, advance, PERIODS_REPLAYED_MAX } from '../../src/domain/advance.js';
import { type Balance, type LedgerEntry, standing } from '../../src/domain/balance.js';
import { charge } from '../../src/domain/deduction.js';
import { grantedBalance } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';
import { grantOf, HISTORY_START } from '../support/random/arbitraries.js';
import { CATALOG, chargeOf } from './given.js';

const HOUR_MS = 3_600_000;

/** A span of hours and milliseconds; some spans skip hundreds of periods. */
const span = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat({ max: 100 }) },
      { weight: 2, arbitrary: fc.nat({ max: 1000 }) },
      { weight: 1, arbitrary: fc.nat({ max: 30_000 }) },
    ),
    fc.constantFrom(0, 0, 0, -1, 1),
  )
  .map(([hours, ms]) => Math.max(0, hours * HOUR_MS + ms));

/** A balance after some charges, and the time of the last of them. */
const used = fc
  .tuple(grantOf(['messages']), fc.array(fc.tuple(span, fc.integer({ min: -30, max: 60 }))))
  .map(([grant, charges]): { balance: Balance; now: number } => {
    let { balance } = grantedBalance({ ...grant, featureId: 'messages' }, CATALOG, HISTORY_START);
    let now = HISTORY_START;
    for (const [wait, value] of charges) {
      now += wait;
      balance = advance(balance, now).balance;
      const request = chargeOf(value, {
        entityId: balance.entityId,
        overageBehavior: value % 5 === 0 ? 'OVERFLOW' : 'CAP',
      });
      balance = charge([balance], request, now).balances[0] ?? balance;
    }
    return { balance, now };
  });

/** Advances a balance change by change. */
function oneByOne(start: Balance, now: number): Advanced {
  const entries: LedgerEntry[] = [];
  let last = advance(start, start.createdAt);
  for (let at = last.changesAt; at !== null && at <= now; at = last.changesAt) {
    last = advance(last.balance, at);
    entries.push(...last.entries);
    if (last.changesAt === at) throw new Error('a change that was due has not happened');
  }
  return { ...advance(last.balance, now), entries };
}

const sum = (entries: readonly LedgerEntry[]) =>
  entries.reduce((total, { amount }) => total + amount, 0n);

const unnumbered = (balance: Balance) => ({ ...balance, ledgerSeq: 0 });

describe('advancing', () => {
  it('in one step is the same as change by change, however many periods are combined', () =>
    always(800, fc.tuple(used, span), ([{ balance, now }, wait]) => {
      const at = now + wait;
      const once = advance(balance, at);
      const steps = oneByOne(balance, at);
      expect(unnumbered(once.balance)).toEqual(unnumbered(steps.balance));
      expect(sum(once.entries)).toBe(sum(steps.entries));
      expect(once.changesAt).toBe(steps.changesAt);
      if (steps.entries.filter(({ kind }) => kind === 'RESET').length <= PERIODS_REPLAYED_MAX) {
        expect(once.entries).toEqual(steps.entries);
        expect(once.balance).toEqual(steps.balance);
      }
    }));

  it('gives the same result however few of the missed periods are replayed', () =>
    always(
      800,
      fc.tuple(used, span, fc.integer({ min: 0, max: PERIODS_REPLAYED_MAX })),
      (trial) => {
        const [{ balance, now }, wait, replayedMax] = trial;
        const few = advance(balance, now + wait, replayedMax);
        const all = advance(balance, now + wait);
        expect(unnumbered(few.balance)).toEqual(unnumbered(all.balance));
        expect(sum(few.entries)).toBe(sum(all.entries));
        expect(few.changesAt).toBe(all.changesAt);
        expect(few.entries.length).toBeLessThanOrEqual(all.entries.length);
      },
    ));

  it('in two steps is the same as in one', () =>
    always(800, fc.tuple(used, span, span), ([{ balance, now }, first, second]) => {
      const halfway = advance(balance, now + first);
      const twice = advance(halfway.balance, now + first + second);
      const once = advance(balance, now + first + second);
      expect(unnumbered(twice.balance)).toEqual(unnumbered(once.balance));
      expect(sum([...halfway.entries, ...twice.entries])).toBe(sum(once.entries));
      expect(twice.changesAt).toBe(once.changesAt);
    }));

  it('explains every change by entries in chronological order, numbered consecutively', () =>
    always(800, fc.tuple(used, span), ([{ balance, now }, wait]) => {
      const { balance: after, entries } = advance(balance, now + wait);
      expect(sum(entries)).toBe(standing(after) - standing(balance));
      expect(after.ledgerSeq).toBe(balance.ledgerSeq + entries.length);
      let before = standing(balance);
      let last = Number.NEGATIVE_INFINITY;
      for (const [index, entry] of entries.entries()) {
        const { seq, amount, grantedAfter, usedAfter, effectiveAt } = entry;
        expect(seq).toBe(balance.ledgerSeq + index + 1);
        expect(grantedAfter - usedAfter).toBe(before + amount);
        expect(effectiveAt).toBeGreaterThanOrEqual(last);
        expect(effectiveAt).toBeLessThanOrEqual(now + wait);
        before += amount;
        last = effectiveAt ?? last;
      }
    }));

  it('reports between which instants the state of the balance is valid', () =>
    always(800, fc.tuple(used, span), ([{ balance, now }, wait]) => {
      const at = now + wait;
      const { balance: after, changedAt, changesAt } = advance(balance, at);
      if (changedAt !== null) expect(changedAt).toBeLessThanOrEqual(at);
      expect(advance(balance, Math.max(now, changedAt ?? now)).balance).toEqual(after);
      expect(changesAt ?? at + 1).toBeGreaterThan(at);
      expect(advance(after, (changesAt ?? at * 2) - 1).entries).toEqual([]);
      if (changesAt !== null && changesAt !== after.startsAt) {
        expect(advance(after, changesAt).entries).not.toEqual([]);
      }
    }));

  it('undoes nothing if the clock steps back', () =>
    always(500, fc.tuple(used, span, span), ([{ balance, now }, wait, back]) => {
      const { balance: after } = advance(balance, now + wait);
      expect(advance(after, now + wait - back)).toMatchObject({ balance: after, entries: [] });
    }));
});
