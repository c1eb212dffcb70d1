import { describe, expect, it } from 'vitest';
import { featureBalance } from '../../src/domain/account.js';
import type { Balance } from '../../src/domain/balance.js';
import { charge } from '../../src/domain/deduction.js';
import { drainOrder } from '../../src/domain/drain-order.js';
import { units } from '../../src/domain/quantity.js';
import { at, balanceOf, CREATED, chargeOf, monthlyFrom, NOW } from './given.js';

const SOON = at('2026-02-01T00:00:00Z');
const LATER = at('2026-03-01T00:00:00Z');

/** A charge of action1 in seat1, which credits pay for as well. */
const CHARGE = chargeOf(5, { featureId: 'action1', entityId: 'seat1' });

const rolledOver = (expiresAt: number | null) => [{ granted: units(5), used: 0n, expiresAt }];

type Special = Partial<Balance>;

/**
 * A plain balance, and for each criterion of R8 what puts a balance before the plain one. Losers are
 * called `l`, so that their ids would put them first.
 */
const PLAIN: Special = { featureId: 'action1', id: 'm' };

const CRITERIA: readonly { readonly criterion: string; readonly before: Special }[] = [
  { criterion: '(1) unlimited', before: { unlimited: true, granted: 0n } },
  { criterion: "(2) the entity's own", before: { entityId: 'seat1' } },
  { criterion: '(3) lower priority', before: { priority: -1 } },
  // Compared with a balance of a credit system.
  { criterion: '(4) own feature', before: { featureId: 'action1' } },
  { criterion: '(5) rolled over', before: { rollovers: rolledOver(null) } },
  { criterion: '(6) lost sooner', before: { expiresAt: SOON } },
  // Compared with a balance that may have overage.
  { criterion: '(7) no overage', before: { overageAllowed: false } },
  { criterion: '(8) older', before: { createdAt: CREATED - 1 } },
  { criterion: '(8) id', before: { id: 'a' } },
];

/** What a balance must have for the criterion to decide against it. */
const AGAINST: Readonly<Record<string, Special>> = {
  '(4) own feature': { featureId: 'credits' },
  '(7) no overage': { overageAllowed: true },
};

function firstOf(balances: readonly Balance[]): string | undefined {
  const [first] = charge(balances, CHARGE, NOW).deductions;
  return first?.balanceId;
}

describe('R8: with all else equal, the balance to be drained first is decided by', () => {
  it.each(CRITERIA)('$criterion', ({ criterion, before }) => {
    const winner = balanceOf({ ...PLAIN, ...before });
    const loser = balanceOf({ ...PLAIN, id: 'l', ...AGAINST[criterion] });
    expect(firstOf([winner, loser])).toBe(winner.id);
    expect(firstOf([loser, winner])).toBe(winner.id);
  });

  it.each<[string, Special, Special]>([
    ['(3) default', { priority: 0 }, { priority: 1 }],
    ['(6) reset before none', { nextResetAt: SOON, reset: monthlyFrom('2026-01-01') }, {}],
    [
      '(6) sooner reset',
      { nextResetAt: SOON, reset: monthlyFrom('2026-01-01') },
      { nextResetAt: LATER, reset: monthlyFrom('2026-01-01') },
    ],
    ['(6) sooner expiry', { expiresAt: SOON }, { expiresAt: SOON + 1 }],
    [
      '(6) reset before expiry',
      { nextResetAt: SOON, reset: monthlyFrom('2026-01-01') },
      { expiresAt: LATER },
    ],
    [
      '(6) expiry before reset',
      { expiresAt: SOON },
      { nextResetAt: LATER, reset: monthlyFrom('2026-01-01') },
    ],
    [
      '(6) the earlier of both',
      { nextResetAt: SOON, reset: monthlyFrom('2026-01-01'), expiresAt: LATER + 2 },
      { nextResetAt: LATER, reset: monthlyFrom('2026-01-01'), expiresAt: LATER + 1 },
    ],
    [
      '(6) sooner end of a rolled-over amount',
      { rollovers: rolledOver(SOON) },
      { rollovers: rolledOver(LATER) },
    ],
    [
      '(6) a rolled-over amount ends with its balance',
      { rollovers: rolledOver(null), expiresAt: SOON },
      { rollovers: rolledOver(LATER) },
    ],
    ['(8) id by code points, not by locale', { id: 'Z' }, { id: 'a' }],
  ])('%s', (_, before, after) => {
    const winner = balanceOf({ ...PLAIN, ...before });
    const loser = balanceOf({ ...PLAIN, id: 'l', ...after });
    expect(firstOf([winner, loser])).toBe(winner.id);
    expect(firstOf([loser, winner])).toBe(winner.id);
  });
});

const PAIRS = CRITERIA.flatMap((earlier, index) =>
  CRITERIA.slice(index + 1).map((later) => ({ earlier, later })),
);

describe('R8: an earlier criterion outweighs every later one', () => {
  it.each(PAIRS)('$earlier.criterion against $later.criterion', ({ earlier, later }) => {
    const winner = { ...PLAIN, ...AGAINST[later.criterion], ...earlier.before };
    const loser = { ...PLAIN, id: 'l', ...AGAINST[earlier.criterion], ...later.before };
    const [first, second] = [balanceOf(winner), balanceOf(loser)];
    expect(firstOf([first, second])).toBe(first.id);
    expect(firstOf([second, first])).toBe(first.id);
  });

  it.each(CRITERIA.map((earlier, index) => ({ earlier, later: CRITERIA.slice(index + 1) })))(
    '$earlier.criterion against all that follow it together',
    ({ earlier, later }) => {
      const against = later.map(({ criterion }) => AGAINST[criterion] ?? {});
      const first = balanceOf(Object.assign({ ...PLAIN }, ...against, earlier.before));
      const second = balanceOf(
        Object.assign(
          { ...PLAIN, id: 'l' },
          ...later.map(({ before }) => before),
          AGAINST[earlier.criterion] ?? {},
        ),
      );
      expect(firstOf([first, second])).toBe(first.id);
      expect(firstOf([second, first])).toBe(first.id);
    },
  );
});

describe('R8: a breakdown shows first what is drained first:', () => {
  const FEATURE = { featureId: 'action1' };
  const shown = (balances: readonly Balance[]) =>
    featureBalance(balances, 'action1', 'seat1', NOW)?.breakdown.map(({ id }) => id);

  it.each(CRITERIA.filter(({ criterion }) => criterion !== '(4) own feature'))(
    '$criterion',
    ({ criterion, before }) => {
      const winner = balanceOf({ ...PLAIN, ...before });
      const loser = balanceOf({ ...PLAIN, id: 'l', ...AGAINST[criterion] });
      const [first, second] = before.id === 'a' ? ['a', 'l'] : [winner.id, 'l'];
      expect(shown([winner, loser])).toEqual([first, second]);
      expect(shown([loser, winner])).toEqual([first, second]);
    },
  );

  it('a rolled-over amount that is used up does not count', () => {
    const rollovers = [{ granted: units(5), used: units(5), expiresAt: SOON }];
    const spent = balanceOf({ ...FEATURE, id: 'spent', rollovers });
    const sooner = balanceOf({ ...FEATURE, id: 'sooner', expiresAt: LATER });
    expect(shown([spent, sooner])).toEqual(['sooner', 'spent']);
    const open = { ...spent, rollovers: [{ granted: units(5), used: units(4), expiresAt: LATER }] };
    expect(shown([sooner, open])).toEqual(['spent', 'sooner']);
  });
});

describe('R8: the parts of one balance', () => {
  it('are drained in this order: rolled-over amounts by their ends, then by age, then the grant', () => {
    const rollovers = [LATER, SOON, null, SOON].map((expiresAt) => ({
      granted: units(5),
      used: 0n,
      expiresAt,
    }));
    const balance = balanceOf({ featureId: 'action1', rollovers });
    const slots = drainOrder([balance], CHARGE, NOW);
    expect(slots.map(({ rollover }) => rollover)).toEqual([1, 3, 0, 2, null]);
  });

  it('are not drained together: a grant waits for the rolled-over amounts of others', () => {
    const rolling = balanceOf({ featureId: 'action1', id: 'a', rollovers: rolledOver(null) });
    const other = balanceOf({ featureId: 'action1', id: 'b', rollovers: rolledOver(SOON) });
    const { balances } = charge([rolling, other], { ...CHARGE, value: units(8) }, NOW);
    expect(balances.map(({ id, used, rollovers }) => [id, used, rollovers[0]?.used])).toEqual([
      ['b', 0n, units(5)],
      ['a', 0n, units(3)],
    ]);
  });
});

describe('R8 and R9: a charge', () => {
  it.each<[string, Special]>([
    ['a balance that has not started', { startsAt: NOW + 1 }],
    ['a balance that has expired', { expiresAt: NOW }],
    [
      'a balance that is recorded as expired, even if the clock steps back',
      { expiresAt: NOW + 1, expiredAt: NOW },
    ],
    ["another entity's balance", { entityId: 'seat2' }],
    ['a balance of another feature', { featureId: 'action2' }],
    ['a credit system that does not list the feature', { featureId: 'credits2' }],
  ])('does not use %s', (_, special) => {
    const charged = charge([balanceOf({ ...PLAIN, ...special })], CHARGE, NOW);
    expect(charged).toMatchObject({ held: false, balances: [], deductions: [] });
  });

  it.each<[string, Special]>([
    ['starts now', { startsAt: NOW }],
    ['expires a millisecond later', { expiresAt: NOW + 1 }],
  ])('uses a balance that %s', (_, special) => {
    const charged = charge([balanceOf({ ...PLAIN, ...special })], CHARGE, NOW);
    expect(charged).toMatchObject({ held: true, shortfall: null });
  });
});
