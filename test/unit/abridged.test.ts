/** Errors in variables say what graphql-js says, without repeating a body of megabytes fifty times. */
import fc from 'fast-check';
import { type GraphQLError, getVariableValues, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { shortened } from '../../src/http/echo.js';
import { SHOWN_CHARS_MAX } from '../../src/http/execute/abridged.js';
import { variablesReader } from '../../src/http/execute/variables.js';
import { parseJson } from '../../src/http/json.js';
import { schema } from '../../src/schema/index.js';
import { always } from '../support/random/always.js';

type Inputs = Readonly<Record<string, unknown>>;

const [operation] = parse(`mutation (
  $i: BalancesTrackInput!, $list: [BalancesTrackInput!], $interval: ResetInterval, $first: Int
  $amount: Float, $id: ID, $text: String, $is: Boolean, $at: DateTime, $json: JSON
) { __typename }`).definitions;
const definitions =
  operation?.kind === Kind.OPERATION_DEFINITION ? (operation.variableDefinitions ?? []) : [];
const reader = variablesReader(schema, definitions);

const VALID = { i: { customerId: 'a', featureId: 'b' } };

const told = (errors: readonly GraphQLError[] | undefined) =>
  errors?.map(({ message, locations }) => ({ message, locations }));

const ours = (inputs: Inputs) => told(reader?.({ ...VALID, ...inputs }).errors);
const theirs = (inputs: Inputs) =>
  told(getVariableValues(schema, definitions, { ...VALID, ...inputs }, { maxErrors: 50 }).errors);

const many = <T>(count: number, member: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => member(index));
const members = (count: number, name: (index: number) => string, value: unknown = 1) =>
  Object.fromEntries(many(count, (index) => [name(index), value]));

const LONG = 'x'.repeat(2_000_000);
const NUMBER = parseJson('1'.repeat(100_000));

const LARGE: readonly (readonly [string, Inputs])[] = [
  ['a long text and unknown members', { i: { customerId: LONG, ...members(60, (n) => `u${n}`) } }],
  ['long texts for enums', { interval: LONG, list: many(60, () => LONG.slice(0, 33_000)) }],
  ['long names', { i: members(9_900, (n) => `${n}${LONG.slice(0, 185)}`) }],
  ['very long names', { i: members(30, (n) => `${n}${LONG.slice(0, 60_000)}`) }],
  ['a list in place of an object', { i: many(20_000, () => LONG.slice(0, 100)) }],
  ['a list in place of a number', { amount: many(20, () => LONG), first: many(20, () => LONG) }],
  ['an object in place of a text', { text: members(9_000, (n) => `n${n}`, LONG.slice(0, 200)) }],
  [
    'objects in objects',
    {
      is: members(
        100,
        (n) => `n${n}`,
        members(100, (n) => `m${n}`, LONG.slice(0, 100)),
      ),
    },
  ],
  ['a long number and unknown members', { i: { value: NUMBER, ...members(60, (n) => `u${n}`) } }],
  ['a long number in place of an object', { i: NUMBER }],
  [
    'properties and unknown members',
    { i: { properties: members(9_000, (n) => `p${n}`), ...members(60, (n) => `u${n}`) } },
  ],
  ['many inputs', { list: many(1_000, () => ({ customerId: LONG.slice(0, 1_900), u: 1 })) }],
];

describe.each(LARGE)('%s', (_what, inputs) => {
  it('has errors of a limited length, as many as in graphql-js', () => {
    const errors = ours(inputs) ?? [];
    expect(errors).toHaveLength(theirs(inputs)?.length ?? 0);
    const chars = errors.map(({ message }) => message.length);
    expect(Math.max(...chars)).toBeLessThan(4 * SHOWN_CHARS_MAX);
  });
});

describe('what a client sees of', () => {
  const shown = (errors: readonly { readonly message: string }[] | undefined) =>
    errors?.map(({ message }) => shortened(message));

  it.each<[string, Inputs]>([
    ['a long text', { amount: LONG }],
    ['a long text with marks', { amount: '\\"😀'.repeat(10_000) }],
    ['a long text for an enum', { interval: LONG }],
    ['a long text beside what is unknown', { i: { customerId: LONG, u: 1 } }],
    ['a long name', { i: { ...VALID.i, [LONG]: 1 } }],
    ['long lists', { i: { customerId: many(500, (n) => n), u: many(500, (n) => n) } }],
    ['a list of eleven', { i: { ...VALID.i, u: many(11, (n) => n) } }],
    ['nested objects', { i: { u: { a: { b: { c: 1 }, d: {}, e: [[[1]], []] } } } }],
    ['a member called toJSON', { i: { ...VALID.i, toJSON: 'a' } }],
    ['a long number', { i: { value: NUMBER, u: 1 } }],
  ])('%s is what it would see without', (_what, inputs) => {
    expect(theirs(inputs)).not.toBeUndefined();
    expect(shown(ours(inputs))).toEqual(shown(theirs(inputs)));
  });
});

describe('errors of ordinary size', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.constantFrom('MONTH', 'month', 'a "quoted" text', '__proto__'),
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.constantFrom(true, null, parseJson('12345678901234567890'), parseJson('1e400')),
  );
  const name = fc.oneof(
    fc.constantFrom('customerId', 'featureId', 'value', 'properties', '__proto__', 'toJSON'),
    fc.string(),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 13 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
    ),
  }));
  const inputs = fc.record(
    Object.fromEntries(definitions.map(({ variable }) => [variable.name.value, value])),
    { requiredKeys: [] },
  );

  it('are those of graphql-js', () =>
    always(500, inputs, (given) => {
      expect(ours(given)).toEqual(theirs(given));
    }));
});
