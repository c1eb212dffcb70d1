import { describe, expect, it } from 'vitest';
import { advanceAccount, featureBalance, withBalances } from '../../src/domain/account.js';
import type { Balance } from '../../src/domain/balance.js';
import { units } from '../../src/domain/quantity.js';
import { accountOf, at, balanceOf, monthlyFrom, NOW } from './given.js';

const OWN = balanceOf({ id: 'own', used: units(4) });
const SEAT1 = balanceOf({ id: 'seat1', entityId: 'seat1', used: units(1) });
const SEAT2 = balanceOf({ id: 'seat2', entityId: 'seat2', used: units(2) });

const look = (balances: readonly Balance[], entityId: string | null = null) =>
  featureBalance(balances, 'messages', entityId, NOW);

describe('R9: a feature is shown', () => {
  it.each<[string, string | null, string[], number]>([
    [
      'to the customer with its own balances and those of all its entities',
      null,
      ['seat1', 'seat2', 'own'],
      23,
    ],
    ['to an entity with its own balances and those of its customer', 'seat1', ['seat1', 'own'], 15],
    ['to an entity without balances with those of its customer', 'seat3', ['own'], 6],
  ])('%s', (_, entityId, ids, remaining) => {
    const seen = look([OWN, SEAT1, SEAT2], entityId);
    expect(seen?.breakdown.map(({ id }) => id)).toEqual(ids);
    expect(seen?.remaining).toBe(units(remaining));
  });

  it.each<[string, Balance]>([
    ['has not started', balanceOf({ startsAt: NOW + 1 })],
    ['has expired', balanceOf({ expiresAt: NOW })],
    ['is of another feature', balanceOf({ featureId: 'words' })],
  ])('without a balance that %s', (_, balance) => {
    expect(look([OWN, balance])?.breakdown).toEqual([OWN]);
    expect(look([balance])).toBeNull();
  });

  it('with the totals of its balances, including rolled-over amounts', () => {
    const rolling = balanceOf({
      granted: units(100),
      used: units(30),
      rollovers: [
        { granted: units(20), used: units(20), expiresAt: null },
        { granted: units(10), used: units(1), expiresAt: null },
      ],
    });
    const over = balanceOf({ used: units(17), overageAllowed: true });
    expect(look([rolling, over])).toMatchObject({
      granted: units(140),
      remaining: units(79),
      usage: units(68),
      overage: units(7),
      unlimited: false,
      overageAllowed: true,
    });
  });

  it('R12: as unlimited, without granted and remaining, if one of its balances is', () => {
    const unlimited = balanceOf({ unlimited: true, granted: 0n, used: units(1000) });
    expect(look([OWN, unlimited])).toMatchObject({
      granted: 0n,
      remaining: 0n,
      usage: units(1004),
      overage: 0n,
      unlimited: true,
    });
  });

  it('with the earliest of its next resets', () => {
    const reset = monthlyFrom('2026-01-01T00:00:00Z');
    const february = balanceOf({ reset, nextResetAt: at('2026-02-01') });
    const march = balanceOf({ reset, nextResetAt: at('2026-03-01') });
    expect(look([OWN, march, february])?.nextResetAt).toBe(at('2026-02-01'));
    expect(look([OWN])?.nextResetAt).toBeNull();
  });

  it('R13: with more than was granted if OVERFLOW gave back beyond it', () => {
    expect(look([balanceOf({ used: -units(5) })])).toMatchObject({
      granted: units(10),
      remaining: units(15),
      usage: -units(5),
      overage: 0n,
    });
  });
});

describe('an account', () => {
  const reset = monthlyFrom('2026-01-01T00:00:00Z');
  const due = balanceOf({ id: 'due', used: units(3), reset, nextResetAt: at('2026-02-01') });
  const later = balanceOf({ id: 'later', expiresAt: at('2026-03-10') });

  it('advances each balance, and reports between which instants its state is valid', () => {
    const account = accountOf([OWN, due, later]);
    const advanced = advanceAccount(account, at('2026-02-15'));
    expect(advanced.account.balances).toMatchObject([OWN, { id: 'due', used: 0n }, later]);
    expect(advanced.entries).toMatchObject([{ balanceId: 'due', kind: 'RESET', amount: units(3) }]);
    expect(advanced.changedAt).toBe(at('2026-02-01'));
    expect(advanced.changesAt).toBe(at('2026-03-01'));
  });

  it('reports the latest past change and the earliest future one', () => {
    const started = balanceOf({ id: 'started', startsAt: at('2026-02-03') });
    const waiting = balanceOf({ id: 'waiting', startsAt: at('2026-02-20') });
    const advanced = advanceAccount(accountOf([started, due, waiting]), at('2026-02-15'));
    expect(advanced.changedAt).toBe(at('2026-02-03'));
    expect(advanced.changesAt).toBe(at('2026-02-20'));
  });

  it('that does not change is the same object', () => {
    const account = accountOf([OWN, due, later]);
    expect(advanceAccount(account, NOW)).toEqual({
      account,
      entries: [],
      changedAt: null,
      changesAt: at('2026-02-01'),
    });
    expect(advanceAccount(account, NOW).account).toBe(account);
    expect(withBalances(account, [])).toBe(account);
  });

  it('gets changed balances in their places', () => {
    const account = accountOf([OWN, SEAT1, SEAT2]);
    const changed = { ...SEAT1, used: units(9) };
    expect(withBalances(account, [changed]).balances).toEqual([OWN, changed, SEAT2]);
    expect(account.balances[1]).toBe(SEAT1);
  });
});
