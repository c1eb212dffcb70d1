import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atCost,
  COST_ONE,
  fractionOf,
  lessAtCost,
  maxQuantity,
  minQuantity,
  percentOf,
  quantityFromText,
  quantityToNumber,
  quantityToText,
  units,
} from '../../src/domain/quantity.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';

describe('the text of an amount', () => {
  it.each<[string, string]>([
    ['0', '0.0000000000'],
    ['100', '100.0000000000'],
    ['-100', '-100.0000000000'],
    ['76.53', '76.5300000000'],
    ['-0.5', '-0.5000000000'],
    ['0.0000000001', '0.0000000001'],
    ['-0.0000000001', '-0.0000000001'],
    ['1000', '1000.0000000000'],
    ['9999999999999999999999999999.9999999999', '9999999999999999999999999999.9999999999'],
  ])(
    '%s is the shortest form of a NUMERIC(38,10) and is read as the same amount',
    (shortest, numeric) => {
      expect(quantityToText(quantityFromText(numeric))).toBe(shortest);
      expect(quantityFromText(shortest)).toBe(quantityFromText(numeric));
    },
  );

  it('is read as the same amount', () =>
    always(2000, fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), (quantity) => {
      expect(quantityFromText(quantityToText(quantity))).toBe(quantity);
    }));

  it.each([15n, 17n, 19n, 38n])(
    'with all of its decimals, as PostgreSQL writes it, is read as the same amount: up to 10^%s units',
    (digits) =>
      always(2000, fc.bigInt({ min: -(10n ** digits), max: 10n ** digits }), (quantity) => {
        const text = String(quantity < 0n ? -quantity : quantity).padStart(11, '0');
        const numeric = `${quantity < 0n ? '-' : ''}${text.slice(0, -10)}.${text.slice(-10)}`;
        expect(quantityFromText(numeric)).toBe(quantity);
      }),
  );

  it('becomes the nearest number', () => {
    expect(quantityToNumber(quantityFromText('76.53'))).toBe(76.53);
    expect(quantityToNumber(quantityFromText('-0.0000000001'))).toBe(-1e-10);
    expect(quantityToNumber(quantityFromText('12345678901234567.8912345678'))).toBe(
      12_345_678_901_234_568,
    );
  });
});

describe('R16: a percentage', () => {
  it.each([
    [100, 50, 50],
    [99, 50, 49],
    [1, 50, 0],
    [0, 50, 0],
    [99.99, 100, 99],
    [10, 33.3333333333, 3],
    [3, 33.3333333333, 0],
    [3, 33.3333333334, 1],
    [10, 250, 25],
    [10, 0, 0],
  ])('of %d at %d percent is %d, rounded down to a whole number', (amount, percent, result) => {
    expect(percentOf(quantityOf(amount), quantityOf(percent))).toBe(units(result));
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
    expect(atCost(fractionOf(quantityOf(amount)), quantityOf(cost))).toBe(quantityOf(price));
  });

  it('is rounded from its exact fraction, not from a rounded one', () => {
    // 10 - 1/3 - 1/3 - 1/3 = 9, although a third has no finite decimal.
    let left = fractionOf(units(10));
    for (const _ of [1, 2, 3]) left = lessAtCost(left, units(1), units(3));
    expect(left).toEqual(fractionOf(units(9)));
    expect(atCost(left, units(3))).toBe(units(27));
    const odd = lessAtCost(fractionOf(units(10)), units(1), units(3));
    expect(odd).toEqual({ numerator: 290_000_000_000n, denominator: 3n });
    expect(atCost(odd, COST_ONE)).toBe(96_666_666_667n);
  });

  it('is reduced exactly by what was taken, whatever was taken before at other costs', () => {
    const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const cost = fc.bigInt({ min: 1n, max: 10n ** 16n });
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
    const costOf = (n: number) => 5n * 10n ** 18n + BigInt(n) * 1_234_567_891n + 1n;
    const largest = 10n ** 19n;
    let left = fractionOf(units(10));
    let exact = left;
    for (let n = 0; n < 1_000; n += 1) {
      const taken = units((n % 7) + 1);
      left = lessAtCost(left, taken, costOf(n));
      expect(left.denominator.toString().length).toBeLessThanOrEqual(61);
      if (n >= 100) continue;
      exact = {
        numerator: exact.numerator * costOf(n) - taken * COST_ONE * exact.denominator,
        denominator: exact.denominator * costOf(n),
      };
      expect(atCost(left, largest)).toBe(atCost(exact, largest));
    }
  });
});

describe('minQuantity and maxQuantity', () => {
  it('return the lesser and the greater of two amounts', () => {
    expect(minQuantity(-1n, 2n)).toBe(-1n);
    expect(minQuantity(2n, -1n)).toBe(-1n);
    expect(maxQuantity(-1n, 2n)).toBe(2n);
    expect(maxQuantity(2n, -1n)).toBe(2n);
  });
});
