/** Properties of the executor that the comparison with graphql-js does not cover. */
import {
  execute,
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { PLANNED_FIELDS_MAX, planOf, VARIANTS_MAX } from '../../src/http/execute/plan.js';
import { executeOperation } from '../../src/http/execute.js';
import { schema } from '../../src/schema/index.js';

type Resolve = () => unknown;

const Item = new GraphQLObjectType<Resolve>({
  name: 'Item',
  fields: {
    value: { type: new GraphQLNonNull(GraphQLInt), resolve: (resolve) => resolve() },
  },
});

/** A list of non-null items, each of which resolves its value as given. */
function listSchema(items: readonly Resolve[]): GraphQLSchema {
  const type = new GraphQLList(new GraphQLNonNull(Item));
  const fields = { items: { type, resolve: () => items } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

const LIST = parse('{ items { value } }');

function failNow(): never {
  throw new Error('now');
}

async function failLater(): Promise<never> {
  await undefined;
  throw new Error('later');
}

it('an item that fails at once does not leave a later failure unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const result = await executeOperation({
      schema: listSchema([failLater, failNow, failLater]),
      document: LIST,
    });
    expect(result.data).toEqual({ items: null });
    expect(result.errors?.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: 'now', path: ['items', 1, 'value'] },
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

it('items that resolve at once and items that resolve later are answered in order', async () => {
  const items = [async () => 1, () => 2, async () => 3];
  const result = await executeOperation({ schema: listSchema(items), document: LIST });
  expect(result).toEqual({ data: { items: [{ value: 1 }, { value: 2 }, { value: 3 }] } });
});

it('an operation without promises is answered synchronously', () => {
  const result = executeOperation({ schema: listSchema([() => 1]), document: LIST });
  expect(result).toEqual({ data: { items: [{ value: 1 }] } });
});

const ECHO = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      echo: {
        type: GraphQLString,
        args: {
          kept: { type: GraphQLInt, defaultValue: 7 },
          none: { type: GraphQLInt },
          needed: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 3 },
          list: { type: new GraphQLList(GraphQLInt), defaultValue: [1] },
        },
        resolve: (_root, args) => JSON.stringify(args),
      },
    },
  }),
});

// No argument of the real schema has a default.
describe('arguments with defaults are as in graphql-js', () => {
  const document = parse(`query ($v: Int, $n: Int = 5, $list: [Int]) {
    plain: echo
    literal: echo(kept: null, none: 2, needed: 4, list: 6)
    variable: echo(kept: $v, none: $v, list: $list)
    withDefault: echo(needed: $n)
  }`);

  it.each([
    {},
    { v: 1 },
    { v: null },
    { n: 8 },
    { n: null },
    { list: 2 },
    { list: [null] },
    { v: 1.5 },
  ])('%j', (variableValues) => {
    const args = { schema: ECHO, document, variableValues };
    const expected = JSON.stringify(execute(args));
    expect(JSON.stringify(executeOperation(args))).toBe(expected);
    expect(JSON.stringify(executeOperation(args))).toBe(expected);
  });
});

it.each([null, undefined])(
  'a scalar that serializes to %s is an error as in graphql-js',
  (nothing) => {
    const type = new GraphQLScalarType({ name: 'Nothing', serialize: () => nothing });
    const fields = { nothing: { type, resolve: () => 'something' } };
    const nothings = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
    const args = { schema: nothings, document: parse('{ nothing }') };
    expect(JSON.stringify(executeOperation(args))).toBe(JSON.stringify(execute(args)));
  },
);

it('an operation that does not exist is an error as in graphql-js', () => {
  const document = parse('query A { __typename } query B { __typename }');
  for (const operationName of [undefined, null, 'C', '']) {
    const args = { schema, document, ...(operationName !== undefined && { operationName }) };
    const result = executeOperation(args);
    expect(result).toEqual(execute(args));
    expect(result).toMatchObject({ errors: [expect.any(GraphQLError)] });
  }
});

it('a plan is made once per document and schema', () => {
  const document = parse('{ __typename }');
  const plan = planOf(schema, document, null);
  expect(plan).not.toBeNull();
  expect(planOf(schema, document, null)).toBe(plan);
  expect(planOf(listSchema([]), document, null)).not.toBe(plan);
});

it('the fields of all cached plans together are limited', () => {
  const early = parse('{ __typename }');
  const plan = planOf(schema, early, null);
  expect(plan).not.toBeNull();
  const fields = 1_000;
  const text = `{ ${Array.from({ length: fields }, (_, at) => `a${at}: __typename`).join(' ')} }`;
  const large = parse(text);
  for (let planned = 0; planned <= PLANNED_FIELDS_MAX; planned += fields) {
    planOf(schema, { ...large }, null)
      ?.selectionsFor({})
      .root();
  }
  expect(planOf(schema, early, null)).not.toBe(plan);
});

it('the cached variants of an operation are limited', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const document = parse(
    `query (${names.map((name) => `$${name}: Boolean!`)}) {
       ${names.map((name) => `${name}: __typename @skip(if: $${name})`).join(' ')} }`,
  );
  const plan = planOf(schema, document, null);
  const conditions = (bits: number) =>
    Object.fromEntries(names.map((name, at) => [name, ((bits >> at) & 1) === 1]));
  const first = plan?.selectionsFor(conditions(0));
  expect(first?.root().fields).toHaveLength(names.length);
  for (let bits = 1; bits < VARIANTS_MAX; bits += 1) plan?.selectionsFor(conditions(bits));
  expect(plan?.selectionsFor(conditions(0))).toBe(first);
  plan?.selectionsFor(conditions(VARIANTS_MAX));
  expect(plan?.selectionsFor(conditions(0))).not.toBe(first);
});

it('a value that throws when an error prints it fails with that error, as in graphql-js', async () => {
  const unreadable = Object.defineProperty({}, 'toJSON', {
    get: () => {
      throw new Error('unreadable');
    },
  });
  const Never = new GraphQLObjectType({
    name: 'Never',
    fields: { value: { type: GraphQLInt } },
    isTypeOf: () => false,
  });
  const fields = { never: { type: Never, resolve: () => unreadable } };
  const args = {
    schema: new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) }),
    document: parse('{ never { value } }'),
  };
  const result = await executeOperation(args);
  expect(result.errors?.map(({ message }) => message)).toEqual(['unreadable']);
  expect(JSON.stringify(result)).toBe(JSON.stringify(await execute(args)));
});
