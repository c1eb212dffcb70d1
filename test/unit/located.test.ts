/** The place of an error is found once, however often the error occurs: finding it takes a look at every line before it. */
import {
  execute,
  GraphQLError,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  Source,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { codedError, maskError, protocolError } from '../../src/http/errors.js';
import { executeOperation } from '../../src/http/execute.js';

/** A document, and how often graphql-js has looked for a line in it. */
function watched(text: string) {
  const source = new Source(text);
  let looks = 0;
  Object.defineProperty(source, 'body', {
    get: () => {
      looks += 1;
      return text;
    },
  });
  const document = parse(source);
  looks = 0;
  return { document, looks: () => looks };
}

const throws = (error: unknown) => () => {
  throw error;
};

function schemaOf(items: number): GraphQLSchema {
  const Item: GraphQLObjectType = new GraphQLObjectType({
    name: 'Item',
    fields: () => ({
      plain: { type: GraphQLString, resolve: throws(new Error('plain')) },
      later: { type: GraphQLString, resolve: async () => throws(new Error('later'))() },
      needed: { type: new GraphQLNonNull(GraphQLString), resolve: () => null },
      coded: {
        type: GraphQLString,
        resolve: throws(new GraphQLError('coded', { extensions: { code: 'CODED' } })),
      },
      thrown: { type: GraphQLString, resolve: throws('a text') },
      placed: {
        type: GraphQLString,
        resolve: throws(new GraphQLError('placed', { path: ['elsewhere'] })),
      },
      positioned: {
        type: GraphQLString,
        resolve: throws(new GraphQLError('b', { source: new Source('a\nb'), positions: [2] })),
      },
      foreign: {
        type: GraphQLString,
        resolve: throws(
          Object.assign(new Error('c'), { source: new Source('\n\nc'), positions: [2] }),
        ),
      },
      echo: {
        type: GraphQLString,
        args: { text: { type: new GraphQLNonNull(GraphQLString) } },
        resolve: () => 'echo',
      },
      item: { type: Item, resolve: () => ({}) },
      values: {
        type: new GraphQLList(GraphQLString),
        resolve: () => [new Error('value'), new Error('value'), 'text'],
      },
    }),
  });
  const type = new GraphQLList(Item);
  const fields = { items: { type, resolve: () => Array.from({ length: items }, () => ({})) } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

const LINES = '\n\r\r\n'.repeat(10);

const query = (selection: string) =>
  `${LINES}query ($text: String = "x", $is: Boolean = true) {\n items { ${selection} } }`;

const SELECTIONS: readonly (readonly [string, string])[] = [
  ['a resolver', 'plain'],
  ['a resolver that has waited', 'later'],
  ['a value that is missing', 'needed'],
  ['an error with a code', 'coded'],
  ['what is no error', 'thrown'],
  ['an error that has a path', 'placed'],
  ['an error in another text', 'positioned'],
  ['an error of another library in another text', 'foreign'],
  ['an argument', 'echo(text: $text)'],
  ['a condition', 'item { plain @skip(if: $is) }'],
  ['a list', 'values'],
  ['a field that is written twice', 'plain\n plain'],
];

const variableValues = { text: null, is: null };

describe.each(SELECTIONS)('an error of %s', (_what, selection) => {
  it('is at the place where graphql-js reports it', async () => {
    const { document } = watched(query(selection));
    const args = { schema: schemaOf(3), document, variableValues };
    const [ours, theirs] = [await executeOperation(args), await execute(args)];
    expect(theirs.errors?.length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
  });
});

describe.each(SELECTIONS)('the lines before an error of %s', (_what, selection) => {
  const looksFor = async (items: number) => {
    const { document, looks } = watched(query(selection));
    const { errors } = await executeOperation({
      schema: schemaOf(items),
      document,
      variableValues,
    });
    expect(errors?.length).toBeGreaterThanOrEqual(items);
    return looks();
  };

  it('are counted as often for a hundred objects as for one', async () => {
    expect(await looksFor(100)).toBe(await looksFor(1));
  });
});

it('the error that the client gets is at the place of the one that it is made of', () => {
  const { document, looks } = watched(query('plain'));
  const [node] = document.definitions;
  const plain = new GraphQLError('a', { nodes: node ?? null });
  const inField = new GraphQLError('b', { nodes: node ?? null, path: ['items', 0] });
  const unforeseen = new GraphQLError('c', {
    nodes: node ?? null,
    path: ['items', 1],
    originalError: new Error('secret'),
  });
  const before = looks();
  const told = [
    codedError('GRAPHQL_VALIDATION_FAILED', plain),
    protocolError('OPERATION_TIMEOUT', undefined, inField),
    maskError(plain),
    maskError(inField),
    maskError(unforeseen),
  ];
  expect(looks()).toBe(before);
  for (const { locations } of told) expect(locations).toEqual([{ line: 31, column: 1 }]);
  expect(told.map(({ path }) => path)).toEqual([
    undefined,
    ['items', 0],
    undefined,
    ['items', 0],
    ['items', 1],
  ]);
});
