import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  maxQuantity,
  minQuantity,
  percentOf,
  quantityFromText,
  quantityToNumber,
  quantityToText,
  roundedDown,
  roundedUp,
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

describe('an amount that may be sent back', () => {
  it.each([
    ['0', 0],
    ['76.53', 76.53],
    ['0.0000000001', 1e-10],
    ['123456789.1234567891', 123_456_789.123_456_7],
    ['999999999999999.9999999999', 999_999_999_999_999.9],
    ['1000000000000000', 1e15],
  ])('%s is shown as %d', (text, shown) => {
    expect(quantityToNumber(roundedDown(quantityFromText(text)))).toBe(shown);
  });

  it.each([10n ** 12n, 10n ** 19n, 10n ** 25n])(
    'is read as no more than it is, and as nearly all of it (amounts up to %d)',
    (max) =>
      always(2000, fc.bigInt({ min: 0n, max }), (quantity) => {
        const read = quantityOf(quantityToNumber(roundedDown(quantity)));
        expect(read <= quantity).toBe(true);
        expect((quantity - read) * 10n ** 14n <= quantity).toBe(true);
      }),
  );
});

describe('an amount that may be granted', () => {
  it.each([
    ['0', 0],
    ['76.53', 76.53],
    ['0.0000000001', 1e-10],
    ['123456789.1234567891', 123_456_789.123_456_79],
    ['999999999999999.9999999999', 1e15],
    // More than can be granted at once.
    ['1000000000000001.0000000001', 1e15 + 1],
  ])('%s is shown as %d', (text, shown) => {
    expect(quantityToNumber(roundedUp(quantityFromText(text)))).toBe(shown);
  });

  it.each([10n ** 12n, 10n ** 19n, 10n ** 25n])(
    'is read as no less than it is, and as hardly more (amounts up to %d)',
    (max) =>
      always(2000, fc.bigInt({ min: 0n, max }), (quantity) => {
        const read = quantityOf(quantityToNumber(roundedUp(quantity)));
        expect(read >= quantity).toBe(true);
        expect((read - quantity) * 10n ** 14n <= quantity).toBe(true);
      }),
  );
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

describe('minQuantity and maxQuantity', () => {
  it('return the lesser and the greater of two amounts', () => {
    expect(minQuantity(-1n, 2n)).toBe(-1n);
    expect(minQuantity(2n, -1n)).toBe(-1n);
    expect(maxQuantity(-1n, 2n)).toBe(2n);
    expect(maxQuantity(2n, -1n)).toBe(2n);
  });
});
