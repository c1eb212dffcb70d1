import { describe, expect, it } from 'vitest';
import { wholeCost } from '../../src/domain/cost.js';
import { payersOf as payersFor } from '../../src/domain/feature.js';
import { costOf, domainCatalog } from '../support/cases/domain-requests.js';
import type { PlainFeature } from '../support/cases/plain-feature.js';

/** What pays for a feature, in order, with its cost. */
function payersOf(features: readonly PlainFeature[], id: string) {
  const payers = domainCatalog(features).possiblePayers.get(id);
  return payers?.map(({ feature, cost }) => [feature.id, cost]);
}

describe('R6: a feature is paid for by', () => {
  const members = ['m1', 'm2'].map((id): PlainFeature => ({ id, type: 'CONSUMABLE' }));
  const features: PlainFeature[] = [
    { id: 'z', type: 'CREDIT_SYSTEM', creditCosts: { m1: 0.2 } },
    ...members,
    { id: 'a', type: 'CREDIT_SYSTEM', creditCosts: { m1: 3, m2: 1, z: 5 } },
  ];

  it.each([
    [
      'm1',
      [
        ['m1', wholeCost(1)],
        ['a', wholeCost(3)],
        ['z', costOf(0.2)],
      ],
    ],
    [
      'm2',
      [
        ['m2', wholeCost(1)],
        ['a', wholeCost(1)],
      ],
    ],
  ])('itself, then the credit systems that list it, by id: %s', (id, expected) => {
    expect(payersOf(features, id)).toEqual(expected);
    expect(payersOf(features.toReversed(), id)).toEqual(expected);
  });

  it('itself alone if it is a credit system, even one that another lists', () => {
    expect(payersOf(features, 'a')).toEqual([['a', wholeCost(1)]]);
    expect(payersOf(features, 'z')).toEqual([['z', wholeCost(1)]]);
  });

  it('a credit system once, at the first cost that fits', () => {
    const costs = [{ cost: 2, where: { a: 1, b: 1 } }, { cost: 3, where: { a: 1 } }, { cost: 4 }];
    const lists: PlainFeature[] = [{ id: 'c', type: 'CREDIT_SYSTEM', creditCosts: { m1: costs } }];
    const catalog = domainCatalog([...members, ...lists]);
    for (const [properties, cost] of [
      [{ a: 1, b: 1 }, 2],
      [{ a: 1 }, 3],
      [null, 4],
    ] as const) {
      const found = payersFor(catalog, 'm1', properties);
      expect(found.map((payer) => payer.cost)).toEqual([wholeCost(1), wholeCost(cost)]);
    }
  });

  it('nothing if it does not exist, even if a credit system lists it', () => {
    const lists: PlainFeature[] = [{ id: 'a', type: 'CREDIT_SYSTEM', creditCosts: { gone: 1 } }];
    expect(payersOf(lists, 'gone')).toBeUndefined();
  });
});

describe('R5: an event name', () => {
  it('stands for every feature that lists it, once each, by id', () => {
    const { byEventName } = domainCatalog([
      { id: 'b', type: 'CONSUMABLE', eventNames: ['use', 'use', 'other'] },
      { id: 'c', type: 'CONSUMABLE', eventNames: [] },
      { id: 'a', type: 'BOOLEAN', eventNames: ['use'] },
    ]);
    expect(byEventName.get('use')?.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(byEventName.get('other')?.map(({ id }) => id)).toEqual(['b']);
    expect(byEventName.size).toBe(2);
  });
});
