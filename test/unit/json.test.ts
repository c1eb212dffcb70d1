import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXACT_NUMBERS_MAX, parseJson } from '../../src/http/json.js';
import { hasMoreValues } from '../../src/http/json-size.js';
import { ExactNumber } from '../../src/schema/input/exact-number.js';
import { always } from '../support/random/always.js';

/** The value with every exact number replaced by its marked text. */
function marked(value: unknown): unknown {
  if (value instanceof ExactNumber) return `number ${value.text}`;
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, marked(part)]));
}

const read = (text: string) => marked(parseJson(text));

describe('a number that a double can hold', () => {
  it.each([
    '0',
    '-0',
    '0.0',
    '0e400',
    '0.00000000000000000000000000000',
    '1.0',
    '1.50000000000000000000',
    '100000000000000000000000',
    '1e22',
    '1E+22',
    '1e00000000000022',
    '9007199254740992',
    '0.1',
    '0.30000000000000004',
    '25.000000000000004',
    '5e-324',
    '1.7976931348623157e308',
    '17976931348623157e292',
    '-123456789012345.67',
  ])('%s is that double', (number) => {
    expect(parseJson(number)).toBe(Number(number));
    expect(parseJson(`{"a":[1, ${number} ]}`)).toEqual({ a: [1, Number(number)] });
  });
});

describe('a number that a double would change', () => {
  it.each([
    '1524831183200260097',
    '-1524831183200260097',
    '9007199254740993',
    '9007199254740993.0',
    '0.1234567890123456789',
    '0.3000000000000000166',
    '1.00000000000000000000000001',
    '1e400',
    '-1E+400',
    '1e-400',
    '4.9e-324',
    '1e00000000000400',
    '12345678901234567e300',
    `${'9'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
  ])('%s keeps its text', (number) => {
    const kept = `number ${number}`;
    expect(read(number)).toBe(kept);
    expect(read(` ${number}\n`)).toBe(kept);
    expect(read(`[${number}]`)).toEqual([kept]);
    expect(read(`[1,\t${number}\r]`)).toEqual([1, kept]);
    expect(read(`{"a":${number},"b":{"c":[${number},"${number}"]}}`)).toEqual({
      a: kept,
      b: { c: [kept, number] },
    });
  });
});

describe('a text with such a number', () => {
  const N = '12345678901234567890';
  const K = `number ${N}`;

  it.each([
    ['digits within strings', `{"a":"x: ${N}, \\" ,${N}","b":"1e400"}`],
    ['digits in names', `{"${N}":1,": ${N}":2}`],
    ['nothing but a string', `", ${N}"`],
  ])('%s are strings', (_what, text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each<[string, string, unknown]>([
    ['the last of several members of one name counts', `{"a":${N},"b":1,"a":2}`, { a: 2, b: 1 }],
    ['the last one is the number', `{"a":2,"b":1,"a":${N}}`, { a: K, b: 1 }],
    ['escapes', `["\\u0041\\\\",${N},"\\"\\\\\\"",""]`, ['A\\', K, '"\\"', '']],
    ['an empty name', `{"":${N}}`, { '': K }],
    ['empty containers', `[[],{},[{}],${N}]`, [[], {}, [{}], K]],
    ['literals', `[true,false,null,${N}]`, [true, false, null, K]],
    ['whitespace', ` [ \n${N}\t,\r1 ] `, [K, 1]],
  ])('%s', (_what, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('keeps the order of members', () => {
    const object = parseJson(`{"b":1,"2":2,"a":${N},"1":3,"b":4}`);
    const plain = JSON.parse('{"b":1,"2":2,"a":0,"1":3,"b":4}');
    expect(Object.keys(Object(object))).toEqual(Object.keys(plain));
  });

  it('has __proto__ as an ordinary member', () => {
    const value = Object(parseJson(`{"__proto__":{"x":${N}},"constructor":1}`));
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.hasOwn(value, 'x')).toBe(false);
  });

  it('may be nested 100,000 levels deep', () => {
    let value = parseJson(`${'['.repeat(1e5)}${N}${']'.repeat(1e5)}`);
    for (let depth = 0; depth < 1e5; depth += 1) [value] = value as [unknown];
    expect(marked(value)).toBe(K);
  });

  it('may hold a string of a megabyte, and one of backslashes', () => {
    const [long, slashes] = ['x"'.repeat(5e5), '\\'.repeat(5e5)];
    expect(read(`[${N},${JSON.stringify(long)},${JSON.stringify(slashes)}]`)).toEqual([
      K,
      long,
      slashes,
    ]);
  });
});

describe('how much there is', () => {
  it.each([
    ['nothing', '', 1],
    ['a number', '1', 1],
    ['empty containers', '[[],{}]', 5],
    ['members', '{"a":1,"b":[2,3]}', 5],
    ['what looks like values in strings', '["[,{\\"[,",2]', 3],
    ['a string without an end', '[1,"[[[', 3],
  ])('of %s', (_what, text, count) => {
    const padded = text.padEnd(20, ' ');
    expect(hasMoreValues(padded, count)).toBe(false);
    expect(hasMoreValues(padded, count - 1)).toBe(true);
  });

  it('no more numbers are kept exactly than can be in a moment', () => {
    const texts = (count: number) => `[${Array.from({ length: count }, (_, n) => `${n}e400`)}]`;
    expect(parseJson(texts(EXACT_NUMBERS_MAX))).toHaveLength(EXACT_NUMBERS_MAX);
    expect(() => parseJson(texts(EXACT_NUMBERS_MAX + 2))).toThrow(/^More than 5000 numbers have/);
  });
});

describe('what is not JSON', () => {
  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "['a']",
    '01',
    '1.',
    '.5',
    '+1',
    '0x10',
    'NaN',
    'Infinity',
    '1_000',
    '[12345678901234567890',
    '{"a":12345678901234567890.}',
    '[1e400 1]',
    '"\n"',
    '"\\x"',
    'tru',
    '[1]]',
    '\u00a01',
  ])('%j is refused as by JSON.parse', (text) => {
    expect(messageOf(() => parseJson(text))).toBe(messageOf(() => JSON.parse(text)));
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
  }
  throw new Error('it was accepted');
}

/** Numbers as text, exact as doubles or not. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc
    .tuple(
      fc.bigInt(0n, 10n ** 25n),
      fc.bigInt(0n, 10n ** 25n),
      fc.integer({ min: -450, max: 450 }),
    )
    .map(([whole, fraction, power]) => `${whole}.${fraction}e${power}`),
  fc.integer().map(String),
);

interface Generated {
  readonly text: string;
  readonly value: unknown;
}

/** Whether two texts are the same number, independently of the product. */
function sameNumber(a: string, b: string): boolean {
  const [x, y] = [rational(a), rational(b)];
  const least = Math.min(x.power, y.power);
  const scale = ({ digits, power }: typeof x) => digits * 10n ** BigInt(power - least);
  return scale(x) === scale(y);
}

function rational(text: string): { digits: bigint; power: number } {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), power: Number(power) - fraction.length };
}

function expectedOf(text: string): unknown {
  const double = Number(text);
  const isHeld = Number.isFinite(double) && sameNumber(text, String(double));
  return isHeld ? double : `number ${text}`;
}

const space = fc.constantFrom('', '', ' ', '\n\t', '\r ');

const json = fc.letrec<{ node: Generated }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    number.map((text) => ({ text, value: expectedOf(text) })),
    fc.oneof(fc.string(), fc.string({ unit: 'binary' }), number).map((value) => ({
      text: JSON.stringify(value),
      value,
    })),
    fc.constantFrom(true, false, null).map((value) => ({ text: String(value), value })),
    fc.tuple(fc.array(tie('node'), { maxLength: 5 }), space).map(([items, gap]) => ({
      text: `[${gap}${items.map(({ text }) => `${text}${gap}`).join(`,${gap}`)}]`,
      value: items.map(({ value }) => value),
    })),
    fc
      .tuple(
        fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant('__proto__'), number), tie('node')), {
          maxLength: 5,
        }),
        space,
      )
      .map(([members, gap]) => ({
        text: `{${members
          .map(([key, { text }]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${text}`)
          .join(`${gap},`)}${gap}}`,
        value: Object.fromEntries(members.map(([key, { value }]) => [key, value])),
      })),
  ),
})).node;

describe('generated texts', () => {
  it('are read as intended, with every number exact', () =>
    always(3000, fc.tuple(json, space), ([{ text, value }, gap]) => {
      expect(JSON.stringify(read(`${gap}${text}${gap}`))).toBe(JSON.stringify(value));
    }));

  it('are read as by JSON.parse if every number is exact as a double', () =>
    always(1000, fc.json({ maxDepth: 5 }), (text) => {
      expect(parseJson(text)).toStrictEqual(JSON.parse(text));
    }));

  it('of any kind are refused exactly if JSON.parse refuses them', () =>
    always(3000, fc.oneof(fc.string(), fc.stringMatching(JSON_LIKE)), (text) => {
      expect(isAccepted(parseJson, text)).toBe(isAccepted(JSON.parse, text));
    }));
});

const JSON_LIKE = /^[[\]{},:"\\ 0-9eE.+-]{0,30}$/;

function isAccepted(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
