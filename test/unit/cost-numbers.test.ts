import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atCost,
  COST_ONE,
  type Cost,
  costFromQuantity,
  costFromText,
  costToNumber,
  costToText,
  fractionOf,
  isCoarse,
  lessAtCost,
  parseCost,
  wholeCost,
} from '../../src/domain/cost.js';
import { units } from '../../src/domain/quantity.js';
import { costOf, quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';

/** A count of 10^-18 as a cost. */
function countOf(count: bigint): Cost {
  const digits = String(count).padStart(19, '0');
  return costFromText(`${digits.slice(0, -18)}.${digits.slice(-18)}`);
}

describe('a cost', () => {
  it.each<[number | string, string]>([
    [0, '0'],
    [2, '2'],
    [0.2, '0.2'],
    [2.5e-6, '0.0000025'],
    [1e-18, '0.000000000000000001'],
    ['0.123456789012345678', '0.123456789012345678'],
    ['0.300000000000000001', '0.300000000000000001'],
    ['999999999.123456789012345678', '999999999.123456789012345678'],
    // Written with 15 digits, so it is meant.
    [0.30000000000001, '0.30000000000001'],
    [0.1234567890123456, '0.1234567890123456'],
    // Calculated with doubles.
    [0.1 + 0.2, '0.3'],
    [3 * 1.1e-12, '0.0000000000033'],
    [0.15 / 1e6, '0.00000015'],
  ])('%s is read as %s', (given, text) => {
    const parsed = parseCost(given);
    expect(parsed.ok && costToText(parsed.cost)).toBe(text);
    expect(costFromText(text)).toBe(parsed.ok && parsed.cost);
  });

  it.each<[number | string, string, string]>([
    ['0.1234567890123456789', 'decimals', '0.123456789012345679 here'],
    [1e-19, 'decimals', 'the smallest cost is 0.000000000000000001'],
    [1.5e-18, 'decimals', 'round it'],
    ['1e400', 'finite', 'between'],
    [1e16, 'magnitude', 'between'],
  ])('%s is refused for its %s', (given, rule, message) => {
    expect(parseCost(given)).toMatchObject({ rule, message: expect.stringContaining(message) });
  });

  it('is any number of at most 15 digits and 18 decimals, exactly', () =>
    always(
      1000,
      fc.tuple(fc.nat({ max: 999_999_999 }), fc.integer({ min: 0, max: 18 })),
      ([count, places]) => {
        const number = Number(`${count}e-${places}`);
        expect(costOf(number)).toBe(BigInt(count) * 10n ** BigInt(18 - places));
        expect(costToNumber(costOf(number))).toBe(number);
      },
    ));

  it('is coarse if an amount could have its decimals', () => {
    expect([isCoarse(costOf(1e-10)), isCoarse(costOf(1e-11)), isCoarse(wholeCost(3))]).toEqual([
      true,
      false,
      true,
    ]);
    expect(costFromQuantity(units(3))).toBe(wholeCost(3));
  });
});

describe('an amount that is converted at a credit cost', () => {
  it.each([
    [25.5, 0.2, 5.1],
    [-25.5, 0.2, -5.1],
    [40.25, 1.4, 56.35],
    // Half of the last decimal is rounded away from zero, in both directions.
    [1e-10, 0.5, 1e-10],
    [-1e-10, 0.5, -1e-10],
    [3e-10, 0.5, 2e-10],
    [-3e-10, 0.5, -2e-10],
    [1e-10, 0.4999999999, 0],
    [-1e-10, 0.4999999999, 0],
    [1, 1e-10, 1e-10],
    [1, 0.3333333333, 0.3333333333],
  ])('%d at %d costs %d', (amount, cost, price) => {
    expect(atCost(fractionOf(quantityOf(amount)), costOf(cost))).toBe(quantityOf(price));
  });

  it('is rounded from its exact fraction, not from a rounded one', () => {
    // 10 - 1/3 - 1/3 - 1/3 = 9, although a third has no finite decimal.
    let left = fractionOf(units(10));
    for (const _ of [1, 2, 3]) left = lessAtCost(left, units(1), wholeCost(3));
    expect(left).toEqual(fractionOf(units(9)));
    expect(atCost(left, wholeCost(3))).toBe(units(27));
    const odd = lessAtCost(fractionOf(units(10)), units(1), wholeCost(3));
    expect(odd).toEqual({ numerator: 290_000_000_000n, denominator: 3n });
    expect(atCost(odd, COST_ONE)).toBe(96_666_666_667n);
  });

  it('is reduced exactly by what was taken, whatever was taken before at other costs', () => {
    const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const cost = fc.bigInt({ min: 1n, max: 10n ** 24n }).map(countOf);
    const fraction = fc.tuple(amount, fc.bigInt({ min: 1n, max: 10n ** 12n }));
    return always(1000, fc.tuple(fraction, amount, cost), ([[numerator, under], taken, price]) => {
      const left = lessAtCost({ numerator, denominator: under }, taken, price);
      // left = numerator / under - taken / price, in whole numbers.
      expect(left.numerator * under * price).toBe(
        (numerator * price - taken * COST_ONE * under) * left.denominator,
      );
      expect(left.denominator > 0n).toBe(true);
    });
  });
});

describe('what is left after a thousand different costs', () => {
  it('is a short fraction, and as exact as any cost can tell', () => {
    const costAt = (n: number) => countOf(5n * 10n ** 26n + BigInt(n) * 1_234_567_891n + 1n);
    const largest = wholeCost(1_000_000_000);
    let left = fractionOf(units(10));
    let exact = left;
    for (let n = 0; n < 1_000; n += 1) {
      const taken = units((n % 7) + 1);
      left = lessAtCost(left, taken, costAt(n));
      expect(left.denominator.toString().length).toBeLessThanOrEqual(91);
      if (n >= 100) continue;
      exact = {
        numerator: exact.numerator * costAt(n) - taken * COST_ONE * exact.denominator,
        denominator: exact.denominator * costAt(n),
      };
      expect(atCost(left, largest)).toBe(atCost(exact, largest));
    }
  });
});
