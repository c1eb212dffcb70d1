import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantity, QUANTITY_INPUT_MAX, quantityToText } from '../../src/domain/quantity.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';

describe('a JSON number', () => {
  it.each<[number, bigint]>([
    [0, 0n],
    [-0, 0n],
    [1, 10_000_000_000n],
    [-1, -10_000_000_000n],
    [0.1, 1_000_000_000n],
    [23.47, 234_700_000_000n],
    [-37.89, -378_900_000_000n],
    [1e-10, 1n],
    [-1e-10, -1n],
    [1.5e-9, 15n],
    [0.0000001, 1000n],
    [1.23456789, 12_345_678_900n],
    [1_000_000, 10_000_000_000_000_000n],
    // Ten decimals, the most that are accepted, whatever doubles do to the digits.
    [1234567.890123456, 12_345_678_901_234_560n],
    [123_456_789_012_345.67, 1_234_567_890_123_456_700_000_000n],
    [999_999_999_999_999.9, 9_999_999_999_999_999_000_000_000n],
    [0.1234567891, 1_234_567_891n],
    [12345.0123456789, 123_450_123_456_789n],
    [123_456_789_012_345, 1_234_567_890_123_450_000_000_000n],
    [0.999999999999999e5, 999_999_999_999_999n],
    [999_999_999_999_999, 9_999_999_999_999_990_000_000_000n],
    [1e15, 10_000_000_000_000_000_000_000_000n],
    [-1e15, -10_000_000_000_000_000_000_000_000n],
  ])('%d is read from its shortest decimal text', (value, quantity) => {
    expect(parseQuantity(value)).toEqual({ ok: true, quantity });
  });

  it.each<[number, string]>([
    [Number.NaN, 'finite'],
    [Number.POSITIVE_INFINITY, 'finite'],
    [Number.NEGATIVE_INFINITY, 'finite'],
    [JSON.parse('1e400') as number, 'finite'],
    [0.12345678912, 'decimals'],
    [1e-11, 'decimals'],
    [-1e-11, 'decimals'],
    [1.00000000001, 'decimals'],
    [1.000000000001, 'decimals'],
    [1 / 3, 'decimals'],
    [-2 / 3, 'decimals'],
    [22 / 7, 'decimals'],
    [1000 / 3, 'decimals'],
    [Math.PI, 'decimals'],
    [0.00000000005, 'decimals'],
    // A value that would be rounded to 0 is refused.
    [0.1 + 0.2 - 0.3, 'decimals'],
    [1e-300, 'decimals'],
    [Number.MIN_VALUE, 'decimals'],
    [1.23456789012345e-5, 'decimals'],
    [1_000_000_000_000_001, 'magnitude'],
    [-1_000_000_000_000_001, 'magnitude'],
    [1e15 + 0.125, 'magnitude'],
    [Number.MAX_SAFE_INTEGER, 'magnitude'],
    [1e21, 'magnitude'],
    [Number.MAX_VALUE, 'magnitude'],
  ])('%d is refused', (value, rule) => {
    expect(parseQuantity(value)).toMatchObject({ ok: false, rule });
  });

  it.each<[number, string]>([
    [1 / 3, 'must have at most 10 decimals: round it, to 0.3333333333 here'],
    [-2 / 3, 'must have at most 10 decimals: round it, to -0.6666666667 here'],
    [1e-11, 'must have at most 10 decimals: the smallest amount is 0.0000000001'],
    [1e16, 'must be between -10^15 and 10^15'],
  ])('%d is refused with advice', (value, message) => {
    expect(parseQuantity(value)).toMatchObject({ ok: false, message });
  });

  it.each<[string, number, string]>([
    ['0.1 + 0.2', 0.1 + 0.2, '0.3'],
    ['-(0.1 + 0.2)', -(0.1 + 0.2), '-0.3'],
    ['0.07 * 100', 0.07 * 100, '7'],
    ['25.000000000000004', 25.000000000000004, '25'],
    ['1.1 * 3', 1.1 * 3, '3.3'],
    ['100.1 - 100', 100.1 - 100, '0.1'],
    ['0.1 added ten times', sumOf(Array(10).fill(0.1)), '1'],
    ['0.1 added a hundred times', sumOf(Array(100).fill(0.1)), '10'],
    ['a thousand prices of tokens', sumOf(Array(1000).fill(0.0000305)), '0.0305'],
    ['300000.1 + 0.2', 300_000.1 + 0.2, '300000.3'],
    ['0.00000000010000000000000002', 0.00000000010000000000000002, '0.0000000001'],
  ])('%s is read without the rounding error of doubles', (_what, value, text) => {
    expect(quantityToText(quantityOf(value))).toBe(text);
  });

  it('is at most the largest input', () => {
    expect(quantityOf(1e15)).toBe(QUANTITY_INPUT_MAX);
  });

  it('adds up as decimals do', () => {
    expect(quantityOf(0.1) + quantityOf(0.2)).toBe(quantityOf(0.3));
    expect(quantityOf(1.005) * 1000n).toBe(quantityOf(1005));
  });

  it('of at most 10 decimals is read exactly as it is written', () =>
    always(
      3000,
      fc.tuple(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.nat(10)),
      ([digits, decimals]) => {
        const value = Number(`${digits}e-${decimals}`);
        const [whole = '', fraction = ''] = value.toString().split('.');
        fc.pre(Math.abs(value) <= 1e15 && fraction.length <= 10 && !/e/.test(whole + fraction));
        const text = quantityToText(quantityOf(value));
        expect(text).toBe(value === 0 ? '0' : value.toString());
      },
    ));

  it('that results from a few operations on doubles is the exact result', () =>
    always(5000, operations, ({ double, exact }) => {
      fc.pre(exact !== 0n && double < 10_000);
      expect(quantityOf(double)).toBe(exact);
    }));

  it('that results from such operations is accepted, whatever its size', () =>
    always(3000, operations, ({ double, exact }) => {
      fc.pre(exact !== 0n && double <= 1e15);
      const off = Number(quantityOf(double) - exact);
      expect(Math.abs(off)).toBeLessThanOrEqual(1 + Number(exact) * 1e-14);
    }));

  it('is accepted if it is close to an amount, and refused if not', () =>
    always(5000, fc.oneof(fc.double({ noNaN: true }), realistic), (value) => {
      fc.pre(Math.abs(value) <= 1e15);
      const parsed = parseQuantity(value);
      // Exact numbers, scaled to be whole.
      const written = scaled(String(value));
      const isAmount = written % 10n ** 390n === 0n;
      const nearest = isAmount ? written : scaled(value.toFixed(10));
      const excess = written > nearest ? written - nearest : nearest - written;
      const size = written < 0n ? -written : written;
      const isClose =
        excess === 0n ||
        (nearest !== 0n && (excess <= 10n ** 387n || excess * 200_000_000_000_000n <= size));
      expect(parsed.ok).toBe(isClose);
      if (parsed.ok) expect(scaled(quantityToText(parsed.quantity))).toBe(nearest);
    }));
});

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Numbers of realistic sizes, as precise as doubles can be. */
const realistic = fc
  .tuple(fc.double({ min: 0.1, max: 1, noNaN: true }), fc.integer({ min: -12, max: 16 }))
  .map(([mantissa, power]) => mantissa * 10 ** power);

const operand = fc.tuple(fc.nat(999_999), fc.nat(10)).map(([digits, decimals]) => ({
  double: Number(`${digits}e-${decimals}`),
  exact: BigInt(digits) * 10n ** BigInt(10 - decimals),
}));

/** Sums of amounts, each multiplied by a whole number or added repeatedly, as a double and exactly. */
const operations = fc
  .array(fc.tuple(operand, fc.integer({ min: 1, max: 100 }), fc.boolean()), {
    minLength: 1,
    maxLength: 8,
  })
  .map((terms) => {
    let [double, exact] = [0, 0n];
    for (const [amount, count, isProduct] of terms) {
      exact += amount.exact * BigInt(isProduct ? count : Math.min(count, 5));
      if (isProduct) double += amount.double * count;
      else for (let n = 0; n < Math.min(count, 5); n += 1) double += amount.double;
    }
    return { double, exact };
  });

/** The number in the text, times 10^400. */
function scaled(text: string): bigint {
  const [mantissa = '', power = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = BigInt(`${whole}${fraction}`);
  return digits * 10n ** BigInt(400 + Number(power) - fraction.length);
}

describe('the text of a number that no double can hold', () => {
  it.each<[string, string]>([
    ['999999999999999.1234567891', '999999999999999.1234567891'],
    ['-999999999999999.1234567891', '-999999999999999.1234567891'],
    ['123456789012345.67890000000000000', '123456789012345.6789'],
    ['0.30000000000000004440892098500626', '0.3'],
    ['0.2999999999999999888977697537484346', '0.3'],
    ['1000000000000000.00000000000000000000000000001', '1000000000000000'],
    [`0.1${'0'.repeat(1_000_000)}1`, '0.1'],
  ])('%s is read from its digits', (text, amount) => {
    const parsed = parseQuantity(text);
    expect(parsed.ok && quantityToText(parsed.quantity)).toBe(amount);
  });

  it.each<[string, string]>([
    ['9007199254740993', 'magnitude'],
    ['1000000000000000.0000000001', 'magnitude'],
    ['-1000000000000000.0000000001', 'magnitude'],
    ['1e400', 'finite'],
    ['-1e400', 'finite'],
    [`${'9'.repeat(1_000_000)}`, 'finite'],
    ['1e-400', 'decimals'],
    ['1e-999999999999', 'decimals'],
    ['0.12345678901234567890', 'decimals'],
    ['999999999999.12345678912345678', 'decimals'],
    ['999999999999999.12345678914', 'decimals'],
  ])('%s is refused', (text, rule) => {
    expect(parseQuantity(text)).toMatchObject({ ok: false, rule });
  });
});
