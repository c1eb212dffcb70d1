import { describe, expect, it } from 'vitest';
import { advanceAccount } from '../../src/domain/account.js';
import { type Advanced, advance, PERIODS_REPLAYED_MAX } from '../../src/domain/advance.js';
import { type Balance, isLive, standing } from '../../src/domain/balance.js';
import { type Quantity, quantityToText, units } from '../../src/domain/quantity.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { accountOf, at, balanceOf, monthlyFrom, NOW } from './given.js';

const JANUARY = at('2026-01-01T00:00:00Z');
const FEBRUARY = at('2026-02-01T00:00:00Z');
const MARCH = at('2026-03-01T00:00:00Z');
const APRIL = at('2026-04-01T00:00:00Z');

/** 100 each month. */
function monthly(special: Partial<Balance> = {}, rule: Parameters<typeof monthlyFrom>[1] = {}) {
  const reset = monthlyFrom('2026-01-01T00:00:00Z', rule);
  return balanceOf({ granted: units(100), reset, nextResetAt: FEBRUARY, ...special });
}

const part = (granted: Quantity, used: Quantity, expiresAt: number | null) => ({
  granted,
  used,
  expiresAt,
});

/** The entries as `kind amount @ date`. */
function entriesOf({ entries }: Advanced): string[] {
  return entries.map(({ kind, amount, effectiveAt }) => {
    const when = new Date(effectiveAt ?? Number.NaN).toISOString();
    return `${kind} ${quantityToText(amount)} @ ${when.slice(0, 10)}`;
  });
}

describe('R14: a balance that does not change', () => {
  it.each<[string, Balance, number | null, number | null]>([
    ['never resets or expires', balanceOf(), null, null],
    ['resets later', monthly(), null, FEBRUARY],
    ['expires later', balanceOf({ expiresAt: MARCH }), null, MARCH],
    ['has started', balanceOf({ startsAt: JANUARY - 1 }), JANUARY - 1, null],
    ['starts now', balanceOf({ startsAt: JANUARY }), JANUARY, null],
    ['starts later', monthly({ startsAt: JANUARY + 1 }), null, JANUARY + 1],
    ['has expired already', balanceOf({ expiresAt: JANUARY, expiredAt: JANUARY }), null, null],
    [
      'has a rolled-over amount that ends later',
      monthly({ rollovers: [part(units(5), 0n, JANUARY + 1)] }),
      null,
      JANUARY + 1,
    ],
    [
      'has a rolled-over amount that is used up before it ends',
      monthly({ rollovers: [part(units(5), units(5), JANUARY)] }),
      null,
      FEBRUARY,
    ],
  ])('because it %s, stays the same object', (_, balance, changedAt, changesAt) => {
    const advanced = advance(balance, JANUARY);
    expect(advanced).toEqual({ balance, entries: [], changedAt, changesAt });
    expect(advanced.balance).toBe(balance);
  });
});

describe('R14: the instant of a change', () => {
  it.each<[string, Balance]>([
    ['reset', monthly({ used: units(30), nextResetAt: MARCH })],
    ['expiry', balanceOf({ expiresAt: MARCH })],
    [
      'end of a rolled-over amount',
      monthly({ nextResetAt: null, rollovers: [part(1n, 0n, MARCH)] }),
    ],
  ])('belongs to the time after it: %s', (_, balance) => {
    expect(advance(balance, MARCH - 1).entries).toEqual([]);
    const advanced = advance(balance, MARCH);
    expect(advanced.entries).toHaveLength(1);
    expect(advanced.changedAt).toBe(MARCH);
  });

  it('does not depend on when the balance is advanced', () => {
    const advanced = advance(monthly({ used: units(30) }), MARCH - 1);
    expect(entriesOf(advanced)).toEqual(['RESET 30 @ 2026-02-01']);
    expect(advanced.changedAt).toBe(FEBRUARY);
    expect(advanced.changesAt).toBe(MARCH);
    expect(advanced.balance.nextResetAt).toBe(MARCH);
  });

  it('is not undone by a clock that steps back', () => {
    const { balance } = advance(monthly({ used: units(30) }), FEBRUARY);
    expect(advance(balance, JANUARY)).toMatchObject({ balance, entries: [] });
    const expired = advance(balanceOf({ expiresAt: FEBRUARY }), FEBRUARY).balance;
    expect(advance(expired, JANUARY)).toMatchObject({ balance: expired, entries: [] });
    expect(isLive(expired, JANUARY)).toBe(false);
  });
});

describe('R16: a reset', () => {
  it.each<[string, Quantity, string[], Quantity]>([
    ['nothing was used', 0n, ['RESET 0 @ 2026-02-01'], 0n],
    ['some was used', units(30), ['RESET 30 @ 2026-02-01'], 0n],
    ['all was used', units(100), ['RESET 100 @ 2026-02-01'], 0n],
    ['overage is forgiven', units(160), ['RESET 160 @ 2026-02-01'], 0n],
    ['what was given back beyond the grant is lost', -units(20), ['RESET -20 @ 2026-02-01'], 0n],
  ])('sets used to 0: %s', (_, used, entries, usedAfter) => {
    const advanced = advance(monthly({ used }), FEBRUARY);
    expect(entriesOf(advanced)).toEqual(entries);
    expect(advanced.balance).toMatchObject({ used: usedAfter, granted: units(100) });
  });

  it.each<[string, number, number, string[], number]>([
    ['the debt is taken from the new period', 160, FEBRUARY, ['RESET 100 @ 2026-02-01'], 60],
    ['without debt used is 0', 40, FEBRUARY, ['RESET 40 @ 2026-02-01'], 0],
    ['exactly the grant leaves no debt', 100, FEBRUARY, ['RESET 100 @ 2026-02-01'], 0],
    ['more than a grant stays overage', 250, FEBRUARY, ['RESET 100 @ 2026-02-01'], 150],
    [
      'a debt is paid period by period',
      250,
      APRIL,
      ['RESET 100 @ 2026-02-01', 'RESET 100 @ 2026-03-01', 'RESET 50 @ 2026-04-01'],
      0,
    ],
  ])('with carryOverage: %s', (_, used, now, entries, usedAfter) => {
    const advanced = advance(monthly({ used: units(used) }, { carryOverage: true }), now);
    expect(entriesOf(advanced)).toEqual(entries);
    expect(advanced.balance.used).toBe(units(usedAfter));
  });

  it('sets the count of an unlimited balance to 0, which has no overage to carry', () => {
    const unlimited = { unlimited: true, granted: 0n, used: units(17) };
    for (const carryOverage of [false, true]) {
      const advanced = advance(monthly(unlimited, { carryOverage }), FEBRUARY);
      expect(entriesOf(advanced)).toEqual(['RESET 17 @ 2026-02-01']);
      expect(advanced.balance.used).toBe(0n);
    }
  });

  it('happens once per missed period, counted from the anchor', () => {
    const reset = monthlyFrom('2026-01-31T00:00:00Z');
    const balance = monthly({ used: units(30), reset, nextResetAt: at('2026-02-28') });
    const advanced = advance(balance, at('2026-05-15'));
    expect(entriesOf(advanced)).toEqual([
      'RESET 30 @ 2026-02-28',
      'RESET 0 @ 2026-03-31',
      'RESET 0 @ 2026-04-30',
    ]);
    expect(advanced.balance.nextResetAt).toBe(at('2026-05-31'));
    expect(advanced.balance.ledgerSeq).toBe(balance.ledgerSeq + 3);
    expect(advanced.entries.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  it('does not happen at or after the expiry', () => {
    const balance = monthly({ used: units(30), expiresAt: MARCH });
    const once = advance(balance, FEBRUARY);
    expect(once.balance.nextResetAt).toBeNull();
    expect(once.changesAt).toBe(MARCH);
    expect(entriesOf(advance(balance, APRIL))).toEqual([
      'RESET 30 @ 2026-02-01',
      'EXPIRE -100 @ 2026-03-01',
    ]);
    expect(advance({ ...balance, expiresAt: MARCH + 1 }, FEBRUARY).balance.nextResetAt).toBe(MARCH);
  });
});

describe('R14: an expiry', () => {
  it.each<[string, Partial<Balance>, string, number, number]>([
    ['all that was left', {}, 'EXPIRE -100 @ 2026-02-01', 0, 0],
    ['what was left', { used: units(30) }, 'EXPIRE -70 @ 2026-02-01', 30, 30],
    ['nothing if all was used', { used: units(100) }, 'EXPIRE 0 @ 2026-02-01', 100, 100],
    ['nothing of overage, which stays', { used: units(130) }, 'EXPIRE 0 @ 2026-02-01', 100, 130],
    [
      'what was given back beyond the grant',
      { used: -units(20) },
      'EXPIRE -120 @ 2026-02-01',
      0,
      0,
    ],
    [
      'nothing of what an unlimited balance has counted',
      { unlimited: true, granted: 0n, used: units(17) },
      'EXPIRE 0 @ 2026-02-01',
      0,
      17,
    ],
  ])('withdraws %s', (_, special, entry, granted, used) => {
    const advanced = advance(monthly({ ...special, expiresAt: FEBRUARY }), MARCH);
    expect(entriesOf(advanced)).toEqual([entry]);
    expect(advanced.balance).toMatchObject({
      granted: units(granted),
      used: units(used),
      expiredAt: FEBRUARY,
      nextResetAt: null,
    });
    expect(advanced.changedAt).toBe(FEBRUARY);
    expect(advanced.changesAt).toBeNull();
  });

  it('withdraws what was left of rolled-over amounts as well', () => {
    const rollovers = [part(units(5), units(2), null), part(units(7), 0n, APRIL)];
    const advanced = advance(monthly({ expiresAt: FEBRUARY, rollovers }), MARCH);
    expect(entriesOf(advanced)).toEqual(['EXPIRE -110 @ 2026-02-01']);
    expect(advanced.balance.rollovers).toEqual([part(units(2), units(2), null)]);
    expect(standing(advanced.balance)).toBe(0n);
  });

  it('precedes everything else that is due at the same instant', () => {
    const rollovers = [part(units(5), 0n, FEBRUARY)];
    const advanced = advance(monthly({ expiresAt: FEBRUARY, rollovers }), FEBRUARY);
    expect(entriesOf(advanced)).toEqual(['EXPIRE -105 @ 2026-02-01']);
  });
});

describe('a balance that has not started', () => {
  it('is not advanced, and catches up once it starts', () => {
    const balance = monthly({ startsAt: MARCH, nextResetAt: APRIL, used: quantityOf(1.5) });
    expect(advance(balance, MARCH - 1).changesAt).toBe(MARCH);
    expect(advance(balance, MARCH)).toMatchObject({ changedAt: MARCH, changesAt: APRIL });
    expect(entriesOf(advance(balance, APRIL))).toEqual(['RESET 1.5 @ 2026-04-01']);
  });
});

describe('the missed periods of all balances of a customer:', () => {
  const DAY = { unit: 'DAY', count: 1 } as const;
  const rested = (count: number) =>
    accountOf(
      Array.from({ length: count }, (_, index) =>
        balanceOf({
          id: String(index),
          reset: monthlyFrom('2020-01-01T00:00:00Z', { interval: DAY }),
          nextResetAt: at('2020-01-02T00:00:00Z'),
        }),
      ),
    );

  it.each([
    [1, PERIODS_REPLAYED_MAX],
    [78, PERIODS_REPLAYED_MAX],
    [79, 126],
    [1_000, 10],
    [20_000, 1],
  ])('%i balances have %i recorded each', (count, resets) => {
    const { account, entries } = advanceAccount(rested(count), NOW);
    expect(entries).toHaveLength(count * resets);
    expect(account.balances[0]?.nextResetAt).toBe(NOW + 24 * 3_600_000);
  });
});
