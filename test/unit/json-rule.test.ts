/** Which JSON objects can be stored and returned unchanged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/schema/input/exact-number.js';
import { jsonViolation } from '../../src/schema/input/json-rule.js';
import { JSON_DEPTH_MAX } from '../../src/schema/input/limits.js';

const BYTES_MAX = 1_000;

const nested = (depth: number): unknown => (depth === 0 ? {} : { a: nested(depth - 1) });

/** An object whose JSON has this many bytes. */
const ofBytes = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

describe('a JSON object', () => {
  it.each<[string, unknown, string, string]>([
    ['with NUL in a string', { a: { b: ['x', 'a\u0000'] } }, 'nul', 'a.b.1'],
    ['with NUL in a key', { a: { 'b\u0000': 1 } }, 'nul', 'a.b\u0000'],
    ['with a lone surrogate', { a: ['\ud83d'] }, 'well_formed', 'a.0'],
    [
      'with a number that a double cannot hold',
      { a: [1, new ExactNumber('9007199254740993')] },
      'exact',
      'a.1',
    ],
    ['with a number larger than any double', { a: new ExactNumber('1e999') }, 'finite', 'a'],
    ['with an infinite number', { a: Number.POSITIVE_INFINITY }, 'finite', 'a'],
    ['with Infinity in a list', { a: [Number.NEGATIVE_INFINITY] }, 'finite', 'a.0'],
  ])('%s is refused with its path', (_what, value, rule, path) => {
    const violation = jsonViolation(value, BYTES_MAX);
    expect([violation?.rule, violation?.path?.join('.')]).toEqual([rule, path]);
  });

  it.each([[[]], ['text'], [1], [null]])('cannot be %j', (value) => {
    expect(jsonViolation(value, BYTES_MAX)?.rule).toBe('object');
  });

  it('may be as deep as the limit and no deeper', () => {
    expect(jsonViolation(nested(JSON_DEPTH_MAX - 1), BYTES_MAX)).toBeNull();
    expect(jsonViolation(nested(JSON_DEPTH_MAX), BYTES_MAX)?.rule).toBe('depth');
  });

  it.each<[number, number]>([
    [1e21, 22],
    [1.5e300, 301],
    [-1e308, 310],
    [1.7976931348623157e308, 309],
    [1e-7, 9],
    [1.25e-7, 11],
    [-5e-324, 327],
    [2.2250738585072014e-308, 326],
    [1e20, 21],
    [0.000001, 8],
    [123456.75, 9],
  ])('counts a number with its length when read back: %d', (number, bytes) => {
    const count = 10;
    const whole = { a: Array(count).fill(number) };
    const size = '{"a":[]}'.length + count * bytes + (count - 1);
    expect(jsonViolation(whole, size)).toBeNull();
    expect(jsonViolation(whole, size - 1)?.rule).toBe('bytes');
  });

  it('is measured as JSON text, whatever it is made of', () => {
    const leaf = fc.oneof(
      fc.integer({ min: 0, max: 99 }),
      fc.constantFrom(true, null),
      fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '😀', '\u001f') }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 200 }),
      object: fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'é') }), tie('value')),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: fc.constantFrom('k', 'ü') }), value),
        (object) => {
          const bytes = Buffer.byteLength(JSON.stringify(object));
          expect(jsonViolation(object, bytes)).toBeNull();
          expect(jsonViolation(object, bytes - 1)?.rule).toBe('bytes');
        },
      ),
    );
  });

  it.each([
    ['numbers of a digit', Array(30_000).fill(1)],
    ['short texts', Array(9_000).fill('abcd')],
    ['lists', Array(20_000).fill([])],
  ])('may consist of %s, whose places in their list are not counted', (_what, list) => {
    const bytes = Buffer.byteLength(JSON.stringify({ list }));
    expect(jsonViolation({ list }, bytes)).toBeNull();
  });

  it('may have as many bytes as the limit and no more, and is not read far beyond that', () => {
    expect(jsonViolation(ofBytes(BYTES_MAX), BYTES_MAX)).toBeNull();
    expect(jsonViolation(ofBytes(BYTES_MAX + 1), BYTES_MAX)?.rule).toBe('bytes');
    const many = { a: Array.from({ length: BYTES_MAX }, () => '\u0000') };
    expect(jsonViolation({ ...many, b: 1 }, 10)?.rule).toMatch(/bytes|nul/);
  });
});
