import { describe, expect, it } from 'vitest';
import { advance, PERIODS_REPLAYED_MAX, ROLLOVER_PERIODS_MAX } from '../../src/domain/advance.js';
import type { Balance, ResetRule, RolloverMax, RolloverRule } from '../../src/domain/balance.js';
import { type Interval, nextBoundary, periodsWithin } from '../../src/domain/interval.js';
import { quantityToText, units } from '../../src/domain/quantity.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { at, balanceOf, monthlyFrom } from './given.js';

const MONTH: Interval = { unit: 'MONTH', count: 1 };

const firstOf = (month: number) => Date.UTC(2026, month - 1, 1);

/** 100 per month, starting in January. */
function monthly(rollover: RolloverRule, special: Partial<Balance> = {}): Balance {
  const reset = monthlyFrom('2026-01-01T00:00:00Z', { rollover });
  return balanceOf({ granted: units(100), reset, nextResetAt: firstOf(2), ...special });
}

/** What is left of each part and when it ends: `30 until 2026-04-01`. */
function partsOf({ rollovers }: Balance): string[] {
  return rollovers.map(({ granted, used, expiresAt }) => {
    const end =
      expiresAt === null ? '' : ` until ${new Date(expiresAt).toISOString().slice(0, 10)}`;
    return `${quantityToText(granted - used)}${end}`;
  });
}

function ledgerOf(balance: Balance, now: number): string[] {
  return advance(balance, now).entries.map(({ kind, amount, effectiveAt }) => {
    const when = new Date(effectiveAt ?? Number.NaN).toISOString();
    return `${kind} ${quantityToText(amount)} @ ${when.slice(0, 10)}`;
  });
}

/** What is rolled over at the first reset of a balance with this rule, and when that ends. */
function endsOf(reset: ResetRule, now: number): string[] {
  const nextResetAt = nextBoundary(reset, reset.anchor);
  const { balance } = advance(balanceOf({ granted: units(100), reset, nextResetAt }), now);
  return balance.rollovers.map(({ expiresAt }) => new Date(expiresAt ?? Number.NaN).toISOString());
}

describe('R15, R16: an amount that is kept for a number of periods ends with the last of them', () => {
  const keepMonth = { rollover: { max: null, keep: MONTH } };

  it.each([
    ['2026-01-31T00:00:00Z', '2026-03-31T00:00:00.000Z'],
    ['2026-03-31T00:00:00Z', '2026-05-31T00:00:00.000Z'],
  ])('after a reset on %s', (now, end) => {
    const reset = monthlyFrom('2025-12-31T00:00:00Z', keepMonth);
    expect(endsOf(reset, at(now)).at(-1)).toBe(end);
  });

  it('where clocks skip the time of a reset', () => {
    const day: Interval = { unit: 'DAY', count: 1 };
    const reset: ResetRule = {
      ...monthlyFrom('2026-03-27T01:30:00Z', { rollover: { max: null, keep: day } }),
      interval: day,
      timeZone: 'Europe/Berlin',
    };
    expect(endsOf(reset, at('2026-03-28T01:30:00Z'))).toEqual(['2026-03-30T00:30:00.000Z']);
  });

  it('and days after the end of a period of months', () => {
    const keep: Interval = { unit: 'DAY', count: 10 };
    const reset = monthlyFrom('2025-12-31T00:00:00Z', { rollover: { max: null, keep } });
    expect(endsOf(reset, at('2026-01-31T00:00:00Z'))).toEqual(['2026-03-10T00:00:00.000Z']);
  });
});

describe('R16: the unused remainder', () => {
  it.each<[string, number, string[], string[]]>([
    [
      'after some usage',
      70,
      ['30 until 2026-04-01'],
      ['RESET 70 @ 2026-02-01', 'ROLLOVER 30 @ 2026-02-01'],
    ],
    [
      'after no usage',
      0,
      ['100 until 2026-04-01'],
      ['RESET 0 @ 2026-02-01', 'ROLLOVER 100 @ 2026-02-01'],
    ],
    ['after full usage', 100, [], ['RESET 100 @ 2026-02-01']],
    ['after overage', 130, [], ['RESET 130 @ 2026-02-01']],
    [
      'with what was given back beyond the grant',
      -20,
      ['120 until 2026-04-01'],
      ['RESET -20 @ 2026-02-01', 'ROLLOVER 120 @ 2026-02-01'],
    ],
  ])('%s rolls over into the new period, if there is any', (_, used, parts, entries) => {
    const balance = monthly({ max: null, keep: MONTH }, { used: quantityOf(used) });
    expect(partsOf(advance(balance, firstOf(2)).balance)).toEqual(parts);
    expect(ledgerOf(balance, firstOf(2))).toEqual(entries);
  });

  it('outlives the period that it is rolled into by as long as the rule says', () => {
    const balance = monthly({ max: null, keep: { unit: 'DAY', count: 10 } });
    const rolled = advance(balance, firstOf(2)).balance;
    expect(partsOf(rolled)).toEqual(['100 until 2026-03-11']);
    expect(partsOf(advance(rolled, firstOf(3)).balance)).toEqual([
      '100 until 2026-03-11',
      '100 until 2026-04-11',
    ]);
    expect(partsOf(advance(rolled, at('2026-03-11') - 1).balance)).toHaveLength(2);
    expect(partsOf(advance(rolled, at('2026-03-11')).balance)).toEqual(['100 until 2026-04-11']);
    expect(ledgerOf(rolled, at('2026-03-11')).at(-1)).toBe('EXPIRE -100 @ 2026-03-11');
  });

  it('is kept indefinitely, as one amount, if the rule has no end', () => {
    const balance = monthly({ max: null, keep: null }, { used: units(70) });
    expect(partsOf(advance(balance, firstOf(2)).balance)).toEqual(['30']);
    expect(partsOf(advance(balance, firstOf(4)).balance)).toEqual(['230']);
  });

  it('is nothing while carried overage uses up the new period', () => {
    const reset = monthlyFrom('2026-01-01T00:00:00Z', {
      carryOverage: true,
      rollover: { max: null, keep: null },
    });
    const balance = monthly({ max: null, keep: null }, { reset, used: units(230) });
    expect(ledgerOf(balance, firstOf(4))).toEqual([
      'RESET 100 @ 2026-02-01',
      'RESET 100 @ 2026-03-01',
      'RESET 30 @ 2026-04-01',
      'ROLLOVER 70 @ 2026-04-01',
    ]);
  });

  it('of an earlier period keeps its own lifetime, less what was used of it', () => {
    const rollovers = [
      { granted: units(50), used: units(20), expiresAt: firstOf(4) },
      { granted: units(10), used: units(10), expiresAt: firstOf(4) },
    ];
    const balance = monthly({ max: null, keep: MONTH }, { used: units(100), rollovers });
    const { balance: after, entries } = advance(balance, firstOf(2));
    expect(after.rollovers).toEqual([{ granted: units(30), used: 0n, expiresAt: firstOf(4) }]);
    expect(entries).toMatchObject([
      { kind: 'RESET', amount: units(100), grantedAfter: units(130), usedAfter: 0n },
    ]);
  });

  it('that ends when a period begins expires before that period', () => {
    const rollovers = [{ granted: units(50), used: units(20), expiresAt: firstOf(2) }];
    const balance = monthly({ max: null, keep: MONTH }, { used: units(40), rollovers });
    expect(ledgerOf(balance, firstOf(2))).toEqual([
      'EXPIRE -30 @ 2026-02-01',
      'RESET 40 @ 2026-02-01',
      'ROLLOVER 60 @ 2026-02-01',
    ]);
  });
});

const amount = (max: number): RolloverMax => ({ kind: 'AMOUNT', amount: quantityOf(max) });

const percent = (max: number): RolloverMax => ({ kind: 'PERCENT', percent: quantityOf(max) });

describe('R16: the maximum of rolled-over amounts', () => {
  it.each<[string, RolloverMax, string[]]>([
    ['is above the sum', amount(500), ['100 until 2026-04-01', '100 until 2026-05-01']],
    ['is the sum', amount(200), ['100 until 2026-04-01', '100 until 2026-05-01']],
    ['reduces the oldest', amount(150), ['50 until 2026-04-01', '100 until 2026-05-01']],
    ['leaves nothing of the oldest', amount(100), ['100 until 2026-05-01']],
    ['reduces the newest as well', amount(30.5), ['30.5 until 2026-05-01']],
    ['is 0', amount(0), []],
    ['is a percentage of the grant', percent(150), ['50 until 2026-04-01', '100 until 2026-05-01']],
    ['is a percentage, rounded down', percent(33.9), ['33 until 2026-05-01']],
  ])('%s', (_, max, parts) => {
    const balance = monthly({ max, keep: MONTH });
    expect(partsOf(advance(balance, firstOf(3)).balance)).toEqual(parts);
  });

  it('if reached by old amounts, still admits the newest, which last longer', () => {
    const balance = monthly({ max: amount(100), keep: MONTH });
    expect(ledgerOf(balance, firstOf(3))).toEqual([
      'RESET 0 @ 2026-02-01',
      'ROLLOVER 100 @ 2026-02-01',
      'RESET 0 @ 2026-03-01',
      // 100 removed, 100 rolled over.
      'ROLLOVER 0 @ 2026-03-01',
    ]);
    expect(partsOf(advance(balance, at('2026-04-15')).balance)).toEqual(['100 until 2026-06-01']);
  });

  it('writes no entry if nothing changes', () => {
    const unending = monthly({ max: amount(100), keep: null });
    expect(ledgerOf(unending, firstOf(4)).filter((entry) => entry.startsWith('ROLLOVER'))).toEqual([
      'ROLLOVER 100 @ 2026-02-01',
    ]);
    const none = monthly({ max: amount(0), keep: MONTH });
    expect(ledgerOf(none, firstOf(2))).toEqual(['RESET 0 @ 2026-02-01']);
  });
});

describe('many missed periods', () => {
  const hourly = (rollover: RolloverRule | null, special: Partial<Balance> = {}): Balance =>
    balanceOf({
      granted: units(10),
      reset: {
        interval: { unit: 'HOUR', count: 1 },
        anchor: firstOf(1),
        timeZone: null,
        rollover,
        carryOverage: false,
      },
      nextResetAt: firstOf(1) + 3_600_000,
      ...special,
    });
  const hours = (count: number) => firstOf(1) + count * 3_600_000;

  it.each([
    [1, 1],
    [PERIODS_REPLAYED_MAX, PERIODS_REPLAYED_MAX],
    [PERIODS_REPLAYED_MAX + 1, PERIODS_REPLAYED_MAX],
    [1_000_000, PERIODS_REPLAYED_MAX],
  ])('%d of them write this many entries: %d', (missed, resets) => {
    const advanced = advance(hourly(null, { used: units(3) }), hours(missed));
    expect(advanced.entries).toHaveLength(resets);
    expect(advanced.balance).toMatchObject({ used: 0n, nextResetAt: hours(missed + 1) });
    expect(advanced.entries.at(-1)?.effectiveAt).toBe(hours(missed));
    expect(advanced.entries[0]?.amount).toBe(units(3));
  });

  it('roll over everything that they granted', () => {
    const balance = hourly({ max: null, keep: null }, { used: units(3) });
    expect(partsOf(advance(balance, hours(1000)).balance)).toEqual(['9997']);
    expect(partsOf(advance({ ...balance, used: units(30) }, hours(1000)).balance)).toEqual([
      '9990',
    ]);
  });

  it('pay off carried overage', () => {
    const balance = hourly({ max: null, keep: null }, { used: units(4005) });
    const reset = balance.reset === null ? null : { ...balance.reset, carryOverage: true };
    expect(advance({ ...balance, reset }, hours(300)).balance.used).toBe(units(1005));
    const paid = advance({ ...balance, reset }, hours(500)).balance;
    expect(paid.used).toBe(0n);
    // 5,000 were granted until then, and 4,005 of them were used.
    expect(partsOf(paid)).toEqual(['995']);
  });

  it('end the rolled-over amounts that expire meanwhile, each in its turn', () => {
    const rollovers = [
      { granted: units(1), used: 0n, expiresAt: hours(2) },
      { granted: units(2), used: 0n, expiresAt: hours(3) },
    ];
    const { entries } = advance(
      hourly({ max: null, keep: { unit: 'HOUR', count: 2 } }, { rollovers }),
      hours(500),
    );
    const instants = entries.map(({ effectiveAt }) => effectiveAt ?? 0);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(entries.slice(0, 2)).toMatchObject([
      { kind: 'EXPIRE', amount: -units(1), effectiveAt: hours(2) },
      { kind: 'EXPIRE', amount: -units(2), effectiveAt: hours(3) },
    ]);
  });

  it('stop at the expiry', () => {
    const { balance, entries } = advance(hourly(null, { expiresAt: hours(400) }), hours(1000));
    expect(balance.expiredAt).toBe(hours(400));
    expect(entries.at(-2)).toMatchObject({ kind: 'RESET', effectiveAt: hours(399) });
    expect(entries.at(-1)).toMatchObject({ kind: 'EXPIRE', effectiveAt: hours(400) });
  });

  it('are replayed far enough for the longest lifetime of a rolled-over amount', () => {
    const keep: Interval = { unit: 'HOUR', count: ROLLOVER_PERIODS_MAX };
    expect(periodsWithin(keep, { unit: 'HOUR', count: 1 })).toBe(ROLLOVER_PERIODS_MAX);
    const { balance } = advance(hourly({ max: null, keep }), hours(1000));
    // An amount lasts for the period it is rolled into and the hundred after it.
    expect(balance.rollovers).toHaveLength(ROLLOVER_PERIODS_MAX + 1);
    expect(new Set(partsOf(balance).map((text) => text.split(' ')[0]))).toEqual(new Set(['10']));
  });
});
