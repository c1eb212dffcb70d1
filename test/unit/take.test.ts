import { describe, expect, it } from 'vitest';
import { overage, remaining } from '../../src/domain/balance.js';
import { charge, type OverageBehavior } from '../../src/domain/deduction.js';
import { units } from '../../src/domain/quantity.js';
import { balanceOf, chargeOf, NOW, taken } from './given.js';

/** Balances in the order in which they are drained. */
const A = { id: 'a', priority: 1 };
const B = { id: 'b', priority: 2 };
const C = { id: 'c', priority: 3 };

describe('R10: taking', () => {
  const three = [balanceOf(A), balanceOf({ ...B, used: units(4) }), balanceOf(C)];

  it.each<[number, Record<string, string>]>([
    [0, {}],
    [1e-10, { a: '0.0000000001' }],
    [9.5, { a: '9.5' }],
    [10, { a: '10' }],
    [10.5, { a: '10', b: '0.5' }],
    [16, { a: '10', b: '6' }],
    [26, { a: '10', b: '6', c: '10' }],
    [26.25, { a: '10', b: '6', c: '10', short: '0.25' }],
  ])('%d empties one balance after the other', (value, expected) => {
    expect(taken(charge(three, chargeOf(value), NOW))).toEqual(expected);
  });

  it.each<[string, number, Record<string, string>]>([
    ['not while another has room', 20, { a: '10', b: '10' }],
    ['once all are empty, of the first that allows it', 21, { a: '10', b: '11' }],
    ['up to its limit, then of the next', 26, { a: '10', b: '15', c: '1' }],
    ['by any amount without a limit', 1000, { a: '10', b: '15', c: '975' }],
  ])('goes into overage %s', (_, value, expected) => {
    const balances = [
      balanceOf(A),
      balanceOf({ ...B, overageAllowed: true, overageLimit: units(5) }),
      balanceOf({ ...C, granted: 0n, overageAllowed: true }),
    ];
    expect(taken(charge(balances, chargeOf(value), NOW))).toEqual(expected);
  });

  it.each<[string, number, number | null, number, Record<string, string>]>([
    ['is full', 15, 5, 1, { short: '1' }],
    ['has some left', 13, 5, 3, { a: '2', short: '1' }],
    ['is exceeded already', 17, 5, 1, { short: '1' }],
    ['is 0', 10, 0, 1, { short: '1' }],
    ['does not exist', 17, null, 1, { a: '1' }],
  ])('counts existing overage towards the limit, which %s', (_, used, limit, value, expected) => {
    const overageLimit = limit === null ? null : units(limit);
    const balance = balanceOf({ ...A, used: units(used), overageAllowed: true, overageLimit });
    expect(taken(charge([balance], chargeOf(value), NOW))).toEqual(expected);
  });

  it('uses rolled-over amounts first, and goes into overage on the grant', () => {
    const rollovers = [
      { granted: units(5), used: units(2), expiresAt: null },
      { granted: units(4), used: 0n, expiresAt: null },
    ];
    const balance = balanceOf({ ...A, rollovers, overageAllowed: true });
    const [after] = charge([balance], chargeOf(20), NOW).balances;
    expect(after).toMatchObject({
      used: units(13),
      rollovers: [{ used: units(5) }, { used: units(4) }],
    });
  });

  it('uses what was given back beyond the grant before any overage', () => {
    const balance = balanceOf({ ...A, used: -units(3) });
    expect(taken(charge([balance], chargeOf(14), NOW))).toEqual({ a: '13', short: '1' });
  });

  it('does not modify the given balances', () => {
    const balance = Object.freeze(balanceOf(A));
    const { balances } = charge([balance], chargeOf(4), NOW);
    expect(balance.used).toBe(0n);
    expect(balances).toEqual([{ ...balance, used: units(4) }]);
  });
});

describe('R11: what does not fit into any balance', () => {
  it.each<[OverageBehavior, Record<string, string>]>([
    ['CAP', { a: '10', b: '10', short: '5' }],
    // The caller discards the result of a rejected charge: see track.test.ts.
    ['REJECT', { a: '10', b: '10', short: '5' }],
    ['OVERFLOW', { a: '15', b: '10' }],
  ])('under %s', (overageBehavior, expected) => {
    const charged = charge([balanceOf(B), balanceOf(A)], chargeOf(25, { overageBehavior }), NOW);
    expect(taken(charged)).toEqual(expected);
  });

  it('is overage of the first in order under OVERFLOW, whatever its limit', () => {
    const balances = [
      balanceOf({ ...A, overageAllowed: true, overageLimit: units(1) }),
      balanceOf({ ...B, overageAllowed: true, overageLimit: units(2) }),
    ];
    const charged = charge(balances, chargeOf(40, { overageBehavior: 'OVERFLOW' }), NOW);
    expect(taken(charged)).toEqual({ a: '28', b: '12' });
    expect(charged.balances.map(overage)).toEqual([units(18), units(2)]);
    expect(charged.balances.map(remaining)).toEqual([0n, 0n]);
  });

  it('remains a shortfall under OVERFLOW if no balance is held', () => {
    const charged = charge([], chargeOf(5, { overageBehavior: 'OVERFLOW' }), NOW);
    expect(charged).toEqual({
      slots: [],
      takings: [],
      free: null,
      balances: [],
      deductions: [],
      shortfall: { featureId: 'messages', chargedFeatureId: 'messages', amount: units(5) },
      held: false,
    });
  });
});

describe('R12: an unlimited balance', () => {
  it('takes everything before all others, and only counts', () => {
    const unlimited = balanceOf({ ...C, unlimited: true, granted: 0n, used: units(7) });
    const charged = charge([balanceOf(A), unlimited], chargeOf(1e6), NOW);
    expect(taken(charged)).toEqual({ c: '1000000' });
    const [after] = charged.balances;
    expect(after).toMatchObject({ used: units(1_000_007), granted: 0n });
    expect(after === undefined ? null : [remaining(after), overage(after)]).toEqual([0n, 0n]);
  });
});
