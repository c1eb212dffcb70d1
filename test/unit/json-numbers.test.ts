/** Numbers that a double would change are found outside of strings only, and each character is read once. */
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isHeldByDouble } from '../../src/domain/decimal.js';
import { parseJson } from '../../src/http/json.js';
import { ExactNumber } from '../../src/schema/input/exact-number.js';
import { always } from '../support/random/always.js';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '123456789012345', '1234567890123456', '12345678901234567'),
  fc
    .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(), fc.integer({ min: -450, max: 450 }))
    .map(([whole, fraction, power]) => `${whole}.${fraction}E${power}`),
  fc.constantFrom('1e400', '-1E-400', '1e+300', '1.0e22', '12.500000000000000000'),
);

/** Numbers, and strings that look like a list of them. */
const looks = fc.constantFrom(
  '123456789012345',
  '1234567890123456',
  '1e400',
  '-',
  '1e-400',
  ' ',
  ':',
);
const piece = fc.oneof(
  number,

  fc
    .array(fc.oneof(looks, fc.constantFrom('"', '\\', ',', '[', '.')), { maxLength: 8 })
    .map((parts) => JSON.stringify(parts.join(''))),
);

/** The numbers of a flat list of numbers and strings. */
function naiveNumbers(list: string): { index: number; number: string }[] {
  const found: { index: number; number: string }[] = [];
  let [index, number, isString, isEscape] = [0, '', false, false];
  for (const character of list.slice(1)) {
    if (isString) {
      isString = isEscape || character !== '"';
      isEscape = !isEscape && character === '\\';
    } else if (character === '"') {
      isString = true;
    } else if (character === ',' || character === ']') {
      if (number !== '') found.push({ index, number });
      [index, number] = [index + 1, ''];
    } else {
      number += character;
    }
  }
  return found;
}

it('numbers are those that a reader of one character at a time finds', () =>
  always(2_000, fc.array(piece, { maxLength: 12 }), (pieces) => {
    const text = `[${pieces.join(',')}]`;
    const expected: unknown[] = JSON.parse(text);
    for (const { index, number: found } of naiveNumbers(text)) {
      if (!isHeldByDouble(found)) expected[index] = new ExactNumber(found);
    }
    expect(parseJson(text)).toEqual(expected);
  }));

describe('what it takes to find numbers', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['numbers in a string', JSON.stringify('" 123456789012345'.repeat(1_000))],
    ['numbers of 15 digits', `[${Array(1_000).fill('123456789012345')}]`],
    ['numbers that are not in a string', `[${Array(1_000).fill('1e300')}]`],
    ['numbers that are held', `[${Array(1_000).fill('12.5000000000000000')}]`],
  ])('of %s is a look at each character', (_what, text) => {
    const codes = vi.spyOn(String.prototype, 'charCodeAt');
    const matches = vi.spyOn(RegExp.prototype, 'exec');
    parseJson(text);
    const [reads, matched] = [codes.mock.calls.length, matches.mock.calls.map(([given]) => given)];
    vi.restoreAllMocks();
    // Once to find a number, and a few times more if it is examined.
    expect(reads).toBeLessThan(4 * text.length);
    expect(matched.reduce((sum, given) => sum + given.length, 0)).toBeLessThan(4 * text.length);
  });
});
