/** Repetitions in one place of a document are limited, so that validating it takes no longer than parsing it. */
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { NAME_CHARS_MAX, parseWithinLimits } from '../../src/http/limits.js';
import { FIELD_REPEATS_MAX } from '../../src/http/repeated-fields.js';
import { schema } from '../../src/schema/index.js';

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const inCustomer = (fields: string) => `{ customer(customerId: "a") { ${fields} } }`;

const MOST = FIELD_REPEATS_MAX;

const NO_BATCHES: ReadonlySet<string> = new Set();

/** Documents that repeat a field this often in one place. */
const FORMS: readonly (readonly [string, (count: number) => string])[] = [
  ['a leaf', (count) => inCustomer(times(count, () => 'name'))],
  ['a field with fields', (count) => inCustomer(times(count, () => 'balances { usage }'))],
  ['an alias', (count) => inCustomer(times(count, (n) => (n % 2 ? 'a: name' : 'a: email')))],
  ['a field in inline fragments', (count) => inCustomer(times(count, () => '... { name }'))],
  [
    'a field in fragments',
    (count) =>
      inCustomer(times(count, (n) => `...F${n}`)) +
      times(count, (n) => `fragment F${n} on Customer { name }`),
  ],
  [
    'a field on types that exclude each other',
    (count) =>
      `{ node(id: "a") { ${times(count, (n) => `... on ${n % 2 ? 'Customer' : 'Feature'} { name }`)} } }`,
  ],
  [
    'a nested field whose parents are merged',
    (count) => inCustomer(times(count / 10, () => `balances { ${times(10, () => 'usage')} }`)),
  ],
  ['a field that is skipped', (count) => inCustomer(times(count, () => 'name @skip(if: true)'))],
];

describe.each(FORMS)('%s', (_what, document) => {
  it('may be repeated up to the limit', () => {
    expect(() => parseWithinLimits(document(MOST), NO_BATCHES)).not.toThrow();
  });

  it('may not be repeated beyond the limit', () => {
    expect(() => parseWithinLimits(document(MOST + 10), NO_BATCHES)).toThrow(
      `${MOST + 10} times in one place, and at most ${MOST} times are allowed.`,
    );
  });
});

it('one field with many aliases does not count as repeated', () => {
  const document = inCustomer(times(400, (n) => `a${n}: name`));
  expect(validate(schema, parseWithinLimits(document, NO_BATCHES))).toEqual([]);
});

it('the check ends for cyclic fragments, which validation refuses', () => {
  const cycle = `{ customer(customerId: "a") { ...A } }
    fragment A on Customer { entity(entityId: "a") { customer { ...A } } }`;
  expect(validate(schema, parse(cycle)).length).toBeGreaterThan(0);
  expect(() =>
    parseWithinLimits('{ ...A } fragment A on Query { ...A }', NO_BATCHES),
  ).not.toThrow();
});

describe('names', () => {
  it('may be as long as the limit', () => {
    expect(() => parseWithinLimits(`{ ${'x'.repeat(NAME_CHARS_MAX)} }`, NO_BATCHES)).not.toThrow();
  });

  it('may not be longer than the limit', () => {
    expect(() => parseWithinLimits(`{ ${'x'.repeat(NAME_CHARS_MAX + 1)} }`, NO_BATCHES)).toThrow(
      `names of more than ${NAME_CHARS_MAX} characters`,
    );
  });
});
