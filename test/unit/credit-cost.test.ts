import { describe, expect, it } from 'vitest';
import type { Balance } from '../../src/domain/balance.js';
import { COST_ZERO, costFromQuantity, wholeCost } from '../../src/domain/cost.js';
import { charge, type OverageBehavior } from '../../src/domain/deduction.js';
import { units } from '../../src/domain/quantity.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { balanceOf, chargeOf, NOW, taken } from './given.js';

describe('R6: through credit costs', () => {
  const own = balanceOf({ id: 'own', featureId: 'action1' });
  const credits = balanceOf({ id: 'credits', featureId: 'credits', granted: units(100) });
  const chargeOfAction1 = (value: number, overageBehavior: OverageBehavior = 'CAP') =>
    chargeOf(value, { featureId: 'action1', overageBehavior });

  it.each<[number, Record<string, string>]>([
    [4, { own: '4' }],
    [25, { own: '10', credits: '3' }],
    [510, { own: '10', credits: '100' }],
    [511, { own: '10', credits: '100', short: '0.2' }],
    [10.0000000001, { own: '10' }],
    [10.0000000003, { own: '10', credits: '0.0000000001' }],
  ])('%d is taken from the own balance, and the rest at its cost', (value, expected) => {
    expect(taken(charge([credits, own], chargeOfAction1(value), NOW))).toEqual(expected);
  });

  it.each<[string, ReturnType<typeof balanceOf>[], number, Record<string, string>]>([
    [
      'the own balance, then credits',
      [balanceOf({ ...own, used: units(10) }), balanceOf({ ...credits, used: units(3) })],
      -20,
      { own: '-10', credits: '-2' },
    ],
    [
      'what does not fit into credits, in credits',
      [balanceOf({ ...own, used: units(10) }), balanceOf({ ...credits, used: units(1) })],
      -20,
      { own: '-10', credits: '-1', short: '-1' },
    ],
    [
      'overage of credits before usage of the own balance',
      [balanceOf({ ...own, used: units(10) }), balanceOf({ ...credits, used: units(101) })],
      -6,
      { credits: '-1', own: '-1' },
    ],
  ])('gives back to %s', (_, balances, value, expected) => {
    expect(taken(charge(balances, chargeOfAction1(value), NOW))).toEqual(expected);
  });

  describe('of 0', () => {
    const free = [
      { feature: featureOf('action1'), cost: wholeCost(1), where: null },
      { feature: featureOf('paid'), cost: wholeCost(3), where: null },
      { feature: featureOf('credits'), cost: COST_ZERO, where: null },
    ];
    const empty = balanceOf({ ...credits, granted: 0n });
    const paid = balanceOf({ id: 'a paid', featureId: 'paid' });

    it.each<[string, ReturnType<typeof balanceOf>[], number, Record<string, string>]>([
      ['a whole charge', [credits], 25, {}],
      ['a charge with nothing left', [empty], 25, {}],
      ['a charge with overage', [balanceOf({ ...empty, used: units(3) })], 25, {}],
      ['what the own balance lacks', [own, empty], 25, { own: '10' }],
      ['what an earlier one cannot pay', [own, paid, empty], 25, { own: '10', 'a paid': '10' }],
      [
        'a charge before any overage',
        [balanceOf({ ...own, overageAllowed: true }), empty],
        25,
        { own: '10' },
      ],
      ['a charge before a lower priority', [own, balanceOf({ ...empty, priority: -1 })], 25, {}],
      ['a charge with a rolled-over part', [rolling(empty)], 25, {}],
      [
        'what is given back beyond the usage',
        [balanceOf({ ...own, used: units(4) }), empty],
        -25,
        { own: '-4' },
      ],
      ['no overage of its own', [balanceOf({ ...empty, used: units(3) })], -25, {}],
      [
        'what is given back only after overage of others',
        [balanceOf({ ...own, used: units(13) }), balanceOf({ ...empty, used: units(3) })],
        -3,
        { own: '-3' },
      ],
    ])('covers %s', (_, balances, value, expected) => {
      for (const overageBehavior of ['CAP', 'REJECT', 'OVERFLOW'] as const) {
        const charged = charge(
          balances,
          { ...chargeOfAction1(value, overageBehavior), payers: free },
          NOW,
        );
        expect(taken(charged)).toEqual(expected);
      }
    });
  });

  it('empties credits before the own balance goes into overage', () => {
    const seats = balanceOf({ ...own, overageAllowed: true });
    const charged = charge([seats, credits], chargeOfAction1(520), NOW);
    expect(taken(charged)).toEqual({ own: '20', credits: '100' });
  });

  it('skips an empty balance, however little remains to be taken', () => {
    // Converted at a cost of 0.0000000007, 3 * 10^-10 would be rounded to nothing.
    const catalogue = [
      { feature: { ...featureOf('a') }, cost: costFromQuantity(7n), where: null },
      { feature: { ...featureOf('b') }, cost: wholeCost(1), where: null },
    ];
    const balances = [
      balanceOf({ id: 'a', featureId: 'a', granted: 0n, priority: -1 }),
      balanceOf({ id: 'b', featureId: 'b' }),
    ];
    const charged = charge(balances, { ...chargeOfAction1(3e-10), payers: catalogue }, NOW);
    expect(taken(charged)).toEqual({ b: '0.0000000003' });
  });

  it('reports what is missing in the units of the last payer that is held', () => {
    expect(charge([own], chargeOfAction1(12), NOW).shortfall).toEqual({
      featureId: 'action1',
      chargedFeatureId: 'action1',
      amount: units(2),
    });
    expect(charge([own, { ...credits, granted: 0n }], chargeOfAction1(12), NOW).shortfall).toEqual({
      featureId: 'credits',
      chargedFeatureId: 'action1',
      amount: quantityOf(0.4),
    });
    expect(charge([{ ...credits, expiresAt: NOW }], chargeOfAction1(12), NOW).shortfall).toEqual({
      featureId: 'action1',
      chargedFeatureId: 'action1',
      amount: units(12),
    });
  });

  it('is exact however many balances pay at costs that have no finite decimal', () => {
    const thirds = [1, 2, 3].map((count) =>
      balanceOf({ id: `t${count}`, featureId: 't', granted: units(1), priority: count }),
    );
    const last = balanceOf({ id: 'z', featureId: 'z', priority: 9 });
    const payers = [
      { feature: featureOf('none'), cost: wholeCost(1), where: null },
      { feature: featureOf('t'), cost: wholeCost(3), where: null },
      { feature: featureOf('z'), cost: wholeCost(3), where: null },
    ];
    // Three thirds of a unit make one; the other four cost twelve, of which ten are available.
    const charged = charge([...thirds, last], { ...chargeOfAction1(5), payers }, NOW);
    expect(taken(charged)).toEqual({ t1: '1', t2: '1', t3: '1', z: '10', short: '2' });
  });
});

function featureOf(id: string) {
  return {
    id,
    name: id,
    type: 'CONSUMABLE' as const,
    eventNames: [],
    creditCosts: [],
    isArchived: false,
  };
}

function rolling(balance: Balance): Balance {
  return { ...balance, rollovers: [{ granted: units(1), used: 0n, expiresAt: null }] };
}
