/** JSON that remains text is written with exactly the bytes that JSON.stringify would write. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonText } from '../../src/platform/json-text.js';

/** As PostgreSQL writes a `jsonb`: a space after each comma and colon, and short keys before long ones. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => a.length - b.length);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`).join(', ')}}`;
}

const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\\"',
    ', ',
    ': ',
    '": 1.0, "',
    '1.0',
    '12',
    '❤\u2028\u007f\u0001',
    '__proto__',
  ),
);

const AROUND = 'around'.repeat(10_000);

/** Into memory that contains something else. */
function written(json: JsonText): string {
  const bytes = Buffer.from(AROUND);
  const end = json.writeTo(bytes, 10);
  expect(bytes.toString('utf8', 0, 10)).toBe(AROUND.slice(0, 10));
  return bytes.toString('utf8', 10, end);
}

/** As PostgreSQL writes numbers, with all digits and without an exponent. */
const numbers = fc.oneof(
  fc.constantFrom(
    ...[
      '0',
      '-1',
      '0.5',
      '-0.5',
      '-0',
      '-0.0',
      '1.0',
      '1.50',
      '0.000001',
      '0.0000001',
      '100',
      '-100.25',
    ],
  ),
  fc.constantFrom(
    '9007199254740993',
    '0.30000000000000004',
    '1e400',
    '1e-7',
    '1e+21',

    '12345678901234567890',
  ),
  fc
    .tuple(fc.constantFrom('', '-'), fc.nat(), fc.stringMatching(/^[0-9]{1,20}$/))
    .map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  fc.stringMatching(/^-?[1-9][0-9]{0,330}$/),
);

describe('JSON text', () => {
  it('is written as JSON.stringify writes what it stands for', () => {
    const keys = fc.oneof(
      strings,
      fc.constantFrom('1', '10', '0', '007', '4294967296', '-1', '1a'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.jsonValue(),
        strings,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(keys, tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        const json = JSON.stringify({ data });
        for (const text of [spaced({ data }), json]) {
          const jsonText = new JsonText(text);
          expect(written(jsonText)).toBe(JSON.stringify(JSON.parse(text)));
          expect(JSON.stringify(jsonText)).toBe(JSON.stringify(JSON.parse(text)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has each number as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1 }), (texts) => {
        const text = `[${texts.join(', ')}]`;
        expect(written(new JsonText(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is no shorter than it says', () => {
    for (const value of [{}, [], [1, 2, 3], { a: 1, b: [] }, { text: ' '.repeat(100) }]) {
      const text = new JsonText(spaced(value));
      expect(text.bytesAtLeast).toBeLessThanOrEqual(written(text).length);
      expect(text.bytesAtLeast).toBeGreaterThanOrEqual(written(text).length / 2);
    }
  });
});
