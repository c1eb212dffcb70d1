/** What an operation repeats of its variables is at most what a request may contain. */
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { variableUsesOf } from '../../src/http/variable-uses.js';
import { ExactNumber } from '../../src/schema/input/exact-number.js';

const MAX = 1_000;

function refusalOf(query: string, variables: Record<string, unknown>) {
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('the operation comes first');
  return variableUsesOf(document, operation).refusal(variables, MAX);
}

const items = (times: number, member: string) =>
  `mutation ($a: JSON, $b: JSON) { t(inputs: [${`{ ${member} } `.repeat(times)}]) }`;

const chars = (count: number) => 'x'.repeat(count - 2);

it.each([
  ['used once, however large it is', items(1, 'p: $a'), { a: chars(5_000) }],
  ['used often, small enough together', items(11, 'p: $a'), { a: chars(100) }],
  [
    'large, beside a small one that is used twice',
    items(1, 'p: $a q: $b r: $b'),
    { a: chars(1_000), b: 1 },
  ],
  ['numbers, small enough together', items(101, 'p: $a'), { a: 1234567890 }],
  ['that are large, but not used', items(10, 'p: 1'), { a: chars(5_000), b: chars(5_000) }],
  ['missing', items(100, 'p: $a'), {}],
  [
    'of an operation beside it',
    `${items(2, 'p: $a')} query B { ${'f(p: $a) '.repeat(99)} }`,
    { a: chars(400) },
  ],
])('variables may be %s', (_what, query, variables) => {
  expect(refusalOf(query, variables)).toBeNull();
});

const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);

it.each([
  ['text', items(12, 'p: $a'), { a: chars(100) }],
  ['several together', items(7, 'p: $a q: $b'), { a: chars(100), b: chars(100) }],
  ['objects', items(12, 'p: $a'), { a: { [chars(50)]: [chars(50)] } }],
  ['keys of objects', items(12, 'p: $a'), { a: { [chars(100)]: 1 } }],
  ['numbers', items(202, 'p: $a'), { a: 12345 }],
  ['numbers with many digits', items(12, 'p: $a'), { a: new ExactNumber('1'.repeat(100)) }],
  ['lists in lists', items(2, 'p: $a'), { a: nested(100_000) }],
  [
    'uses in fragments',
    `query ($a: JSON) { ...F } fragment F on Q { ${'f(p: $a) '.repeat(12)} }`,
    { a: chars(100) },
  ],
  ['uses in directives', `query ($a: JSON) { ${'f @d(if: $a) '.repeat(12)} }`, { a: chars(100) }],
  [
    'uses inside text of a default',
    `query ($a: JSON = "${chars(100)}") { ${'f(p: $a) '.repeat(12)} }`,
    {},
  ],
])(
  'variables that are too large where they are used are refused: %s',
  (_what, query, variables) => {
    const refusal = refusalOf(query, variables);
    expect(refusal?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
    expect(refusal?.message).toMatch(
      /^The operation repeats its variables, above all "\$[ab]", .* have \d{4,} characters; BODY_BYTES_MAX allows 1000\. /,
    );
  },
);

it('a default counts only if the variable is missing', () => {
  const query = `query ($a: JSON = "${chars(100)}") { ${'f(p: $a) '.repeat(12)} }`;
  expect(refusalOf(query, { a: null })).toBeNull();
});
