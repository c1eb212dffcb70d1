/** Which scopes an operation needs, from its document alone. */
import { getOperationAST, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { requiredScopes } from '../../src/http/required-scopes.js';
import { hasScope, SCOPES } from '../../src/meter/access/scopes.js';
import { schema } from '../../src/schema/index.js';

/** Each set as a text, such as `check:read balances:read` for one of these two. */
function needed(text: string, name?: string): string[] {
  const document = parse(text);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('there is no such operation');
  const sets = requiredScopes(schema, document, operation);
  return sets.map((set) => SCOPES.filter((scope) => hasScope(set, scope)).join(' ')).toSorted();
}

const EVENTS = 'events(first: 1) { edges { cursor } }';
const OWNER = 'check:read balances:read customers:write events:read usage:read';

it.each([
  ['the catalogue', '{ features { edges { node { name creditCosts { cost } } } } }', []],
  [
    'introspection',
    '{ __typename __schema { types { name } } __type(name: "Balance") { name } }',
    [],
  ],
  ['a root field', `{ ${EVENTS} }`, ['events:read']],
  ['a renamed field', `{ features: ${EVENTS} }`, ['events:read']],
  ['a field that is skipped', `{ ${EVENTS.replace(' {', ' @skip(if: true) {')} }`, ['events:read']],
  ['a field of a fragment', `{ ...E } fragment E on Query { ${EVENTS} }`, ['events:read']],
  ['a fragment without a type', `{ ... @include(if: false) { ${EVENTS} } }`, ['events:read']],
  [
    'a fragment in a fragment',
    `{ ...A } fragment A on Query { ...B } fragment B on Query { ${EVENTS} }`,
    ['events:read'],
  ],
  [
    'a type of an interface',
    '{ node(id: "x") { ... on Customer { email } } }',
    ['balances:read customers:write'],
  ],
  [
    'a fragment on the interface',
    '{ node(id: "x") { ...N } } fragment N on Node { id ... on Customer { email } }',
    ['balances:read customers:write'],
  ],
  ['an interface alone', '{ node(id: "x") { id __typename } }', []],
  [
    'a member of a union',
    'mutation { createCustomer(input: { customerId: "x" }) { ... on CreateCustomerPayload { customer { balances { usage } } } } }',
    ['balances:read', 'customers:write'],
  ],
  [
    'an interface in a union',
    'mutation { createCustomer(input: { customerId: "x" }) { ... on Error { code } } }',
    ['customers:write'],
  ],
  [
    'several',
    `{ customer(customerId: "x") { email } ${EVENTS} }`,
    ['balances:read customers:write', 'events:read'],
  ],
  [
    'what another one implies',
    '{ customer(customerId: "x") { balances { usage } name } }',
    ['balances:read'],
  ],
  ['an object by its id', '{ customer(customerId: "x") { customerId } }', [OWNER]],
])('of %s', (_what, document, expected) => {
  expect(validate(schema, parse(document))).toEqual([]);
  expect(needed(document)).toEqual(expected);
});

it('are those of the operation that runs, and of fragments that it spreads', () => {
  const document = `query A { features { edges { cursor } } } query B { ...E }
    fragment E on Query { ${EVENTS} }`;
  expect(needed(document, 'A')).toEqual([]);
  expect(needed(document, 'B')).toEqual(['events:read']);
});

it('are found in a moment, however often fragments are spread', () => {
  const levels = Array.from(
    { length: 100 },
    (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} ...F${n + 1} }`,
  );
  const document = `{ ...F0 ...F0 } ${levels.join(' ')} fragment F100 on Query { ${EVENTS} }`;
  expect(needed(document)).toEqual(['events:read']);
});
