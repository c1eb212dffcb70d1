/** Compiling takes time and memory for each field, so what is compiled is bounded. */
import { getOperationAST, parse } from 'graphql';
import { expect, it } from 'vitest';
import { COMPILED_FIELDS_MAX, isCompilable } from '../../src/http/compilable.js';

function compilable(text: string): boolean {
  const document = parse(text, { noLocation: true });
  const operation = getOperationAST(document);
  if (!operation) throw new Error('the document has one operation');
  return isCompilable(document, operation);
}

const fields = (count: number) =>
  Array.from({ length: count }, (_, index) => `f${index}: __typename`).join(' ');

it('as many fields as the limit, and not one more', () => {
  expect(compilable(`{ ${fields(COMPILED_FIELDS_MAX)} }`)).toBe(true);
  expect(compilable(`{ ${fields(COMPILED_FIELDS_MAX + 1)} }`)).toBe(false);
});

it('a fragment counts wherever it is spread', () => {
  const spreads = (count: number) =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: x { ...F }`).join(' ')} }
     fragment F on X { ${fields(18)} }`;
  // The field, the spread, and what the fragment has.
  expect(compilable(spreads(5))).toBe(true);
  expect(compilable(spreads(6))).toBe(false);
});

it('fragments that double at every level end at the limit, not in time', () => {
  const levels = Array.from(
    { length: 60 },
    (_, level) => `fragment F${level} on X { ...F${level + 1} ... on X { ...F${level + 1} } }`,
  );
  expect(compilable(`{ ...F0 } ${levels.join(' ')} fragment F60 on X { x }`)).toBe(false);
});

it('no key that would be a prototype, as a name or an alias', () => {
  expect(compilable('{ a: x { __proto__: y } }')).toBe(false);
  expect(compilable('{ a: x { constructor: y toString } }')).toBe(true);
});
