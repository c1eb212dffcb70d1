import { describe, expect, it } from 'vitest';
import { charge, type OverageBehavior } from '../../src/domain/deduction.js';
import { units } from '../../src/domain/quantity.js';
import { balanceOf, chargeOf, NOW, taken } from './given.js';

/** Balances in the order in which they are drained. */
const A = { id: 'a', priority: 1 };
const B = { id: 'b', priority: 2 };
const C = { id: 'c', priority: 3 };

describe('R13: giving back', () => {
  /** Used 10, 15 and 4 of 10. */
  const three = [
    balanceOf({ ...A, used: units(10) }),
    balanceOf({ ...B, used: units(15), overageAllowed: true }),
    balanceOf({ ...C, used: units(4) }),
  ];

  it.each<[number, Record<string, string>]>([
    [-3, { b: '-3' }],
    [-5, { b: '-5' }],
    [-6, { b: '-5', a: '-1' }],
    [-16, { b: '-6', a: '-10' }],
    [-25, { b: '-15', a: '-10' }],
    [-29, { b: '-15', a: '-10', c: '-4' }],
    [-30.5, { b: '-15', a: '-10', c: '-4', short: '-1.5' }],
  ])('%d reduces overage first, then usage, one balance after the other', (value, expected) => {
    expect(taken(charge(three, chargeOf(value), NOW))).toEqual(expected);
  });

  it('reduces overage in the drain order', () => {
    const balances = [
      balanceOf({ ...B, used: units(12) }),
      balanceOf({ ...A, used: units(13) }),
      balanceOf({ ...C, used: units(14) }),
    ];
    expect(taken(charge(balances, chargeOf(-6), NOW))).toEqual({ a: '-3', b: '-2', c: '-1' });
  });

  it('does not refill rolled-over amounts', () => {
    const rollovers = [{ granted: units(5), used: units(5), expiresAt: null }];
    const balance = balanceOf({ ...A, used: units(2), rollovers });
    const charged = charge([balance], chargeOf(-4), NOW);
    expect(taken(charged)).toEqual({ a: '-2', short: '-2' });
    expect(charged.balances).toEqual([{ ...balance, used: 0n }]);
  });

  it('never raises a balance above its grant, or one that is above it already', () => {
    const balances = [balanceOf({ ...A, used: -units(3) }), balanceOf(B)];
    expect(taken(charge(balances, chargeOf(-4), NOW))).toEqual({ short: '-4' });
  });

  it.each<[OverageBehavior, Record<string, string>]>([
    ['CAP', { a: '-3', b: '-2', short: '-5' }],
    ['REJECT', { a: '-3', b: '-2', short: '-5' }],
    ['OVERFLOW', { a: '-8', b: '-2' }],
  ])('more than was used under %s', (overageBehavior, expected) => {
    const balances = [balanceOf({ ...A, used: units(3) }), balanceOf({ ...B, used: units(2) })];
    expect(taken(charge(balances, chargeOf(-10, { overageBehavior }), NOW))).toEqual(expected);
  });

  it('counts an unlimited balance down to 0', () => {
    const unlimited = balanceOf({ ...C, unlimited: true, granted: 0n, used: units(7) });
    const balances = [unlimited, balanceOf({ ...A, used: units(2) })];
    expect(taken(charge(balances, chargeOf(-8), NOW))).toEqual({ c: '-7', a: '-1' });
  });

  it('does not reach balances that cannot be taken from', () => {
    const others = [
      balanceOf({ ...A, used: units(5), expiresAt: NOW }),
      balanceOf({ ...B, used: units(5), startsAt: NOW + 1 }),
      balanceOf({ ...C, used: units(5), entityId: 'seat1' }),
    ];
    expect(charge(others, chargeOf(-5), NOW)).toMatchObject({
      deductions: [],
      shortfall: { amount: -units(5) },
    });
  });
});
