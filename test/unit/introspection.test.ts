/** Which operations read the schema, and that the cache of their results is limited. */
import { type OperationDefinitionNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import {
  introspectionOf,
  SCHEMA_RESULT_BOUNDS,
  SchemaResults,
} from '../../src/http/introspection.js';

it.each([
  ['NONE', '{ __typename }'],
  ['NONE', '{ customer(customerId: "a") { __typename } }'],
  ['NONE', '{ __schema: customer(customerId: "a") { name } }'],
  ['ALL', '{ __schema { queryType { name } } }'],
  ['ALL', '{ __typename a: __type(name: "Event") { name } }'],
  ['ALL', '{ ... { ...F } } fragment F on Query { customer: __schema { queryType { name } } }'],
  ['SOME', '{ __schema { queryType { name } } customer(customerId: "a") { name } }'],
  [
    'SOME',
    '{ customer(customerId: "a") { name } ...F } fragment F on Query { __type(name: "B") { name } }',
  ],
  ['SOME', '{ __type(name: "B") { name } customer(customerId: "a") @skip(if: true) { name } }'],
  ['SOME', '{ __type(name: "B") @skip(if: true) { name } customer(customerId: "a") { name } }'],
])('%s: %s', (introspection, query) => {
  const document = parse(query);
  const [operation] = document.definitions as readonly OperationDefinitionNode[];
  expect(operation && introspectionOf(document, operation)).toBe(introspection);
});

it('cached results have a limited number of characters', () => {
  const results = new SchemaResults('');
  const { generationCharsMax, entryCharsMax } = SCHEMA_RESULT_BOUNDS;
  const json = 'x'.repeat(entryCharsMax / 2);
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
  for (const key of keys) results.set(key, json);
  const kept = keys.filter((key) => results.get(key) !== undefined);
  expect(kept.length * json.length).toBeLessThanOrEqual(2 * generationCharsMax);
  expect(kept).toContain('key 99');
});
