/** Which operation of a document is run, and that no document is parsed twice. */
import { describe, expect, it, vi } from 'vitest';
import { Documents } from '../../src/http/document.js';
import { schema } from '../../src/schema/index.js';

const documents = new Documents({
  operationFieldsMax: 1_000,
  operationCostMax: 10_000,
  schema,
  name: '',
});

const TWO = 'query A { __typename } mutation B { __typename }';

describe('a document is read once', () => {
  it.each([
    ['a valid one', TWO],
    ['one that cannot be parsed', '{'],
    ['one that is not valid', '{ nothing }'],
    ['one that exceeds a limit', `{ ${'a '.repeat(10_000)} }`.slice(0, 8_000)],
  ])('%s', (_what, query) => {
    const find = () => documents.operation({ query, operationName: 'A' });
    const first = find();
    expect(find()).toBe(first);
  });
});

/** How often a map is asked while a document is read whose fragments double this many times. */
function lookups(times: number): number {
  const fragments = Array.from(
    { length: times },
    (_, index) => `fragment F${index} on __Schema { ...F${index + 1} ...F${index + 1} }`,
  );
  const query = `{ __schema { ...F0 } } ${fragments.join(' ')} fragment F${times} on __Schema { __typename }`;
  const get = vi.spyOn(Map.prototype, 'get');
  try {
    expect(documents.operation({ query, operationName: null })).toHaveProperty('fieldCount');
    return get.mock.calls.length;
  } finally {
    get.mockRestore();
  }
}

it('fragments that double take no more work than their text is long', () => {
  // The first document of its kind also fills what is kept of the schema.
  lookups(1);
  expect(lookups(20)).toBeLessThan(3 * lookups(10));
});

describe('the operation that is run', () => {
  it.each([
    ['{ __typename }', null, undefined],
    ['query A { __typename }', null, 'A'],
    ['query A { __typename }', 'A', 'A'],
    [TWO, 'A', 'A'],
    [TWO, 'B', 'B'],
  ])('in %s, requested as %j, is %j', (query, operationName, name) => {
    expect(documents.operation({ query, operationName })).toMatchObject({
      name,
      isMutation: name === 'B',
    });
  });

  it.each([
    ['{ __typename }', 'A', 'Unknown operation named "A".'],
    ['query A { __typename }', 'B', 'Unknown operation named "B".'],
    ['query A { __typename }', 'a', 'Unknown operation named "a".'],
    [TWO, 'C', 'Unknown operation named "C".'],
    [TWO, 'null', 'Unknown operation named "null".'],
    [TWO, null, 'Must provide operation name if query contains multiple operations.'],
  ])('in %s, requested as %j, does not exist', (query, operationName, message) => {
    expect(documents.operation({ query, operationName })).toMatchObject({
      errors: [{ message, extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
    });
  });
});
