/** The info that a resolver gets is put together when it is read, and is that of graphql-js. */
import {
  type ExecutionArgs,
  execute,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { FieldInfo } from '../../src/http/execute/field-info.js';
import { executeOperation } from '../../src/http/execute.js';

type Infos = GraphQLResolveInfo[];

const Numbered = new GraphQLInterfaceType({
  name: 'Numbered',
  fields: { value: { type: GraphQLInt } },
  resolveType: (_value, infos: Infos, info) => {
    infos.push(info);
    return 'Item';
  },
});

const Item: GraphQLObjectType<unknown, Infos> = new GraphQLObjectType({
  name: 'Item',
  interfaces: [Numbered],
  isTypeOf: (_value, infos, info) => infos.push(info) > 0,
  fields: () => ({
    value: { type: new GraphQLNonNull(GraphQLInt), resolve: note(7) },
    inner: { type: Item, resolve: note({}) },
    later: { type: Item, resolve: note(Promise.resolve({})) },
  }),
});

const SCHEMA = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, Infos>({
    name: 'Query',
    fields: {
      items: {
        type: new GraphQLList(Numbered),
        args: { times: { type: GraphQLInt } },
        resolve: note([{}, Promise.resolve({})]),
      },
      item: { type: Item, resolve: note({}) },
    },
  }),
  types: [Item],
});

const DOCUMENT = parse(`
  query Other { item { value } }
  query Both($times: Int, $flag: Boolean = true) {
    them: items(times: $times) { value ...Deep }
    item { v: value later { ...Deep } }
    item { v: value @include(if: $flag) }
  }
  fragment Deep on Item { inner { v: value } }
`);

/** Notes the info, and answers. */
function note(value: unknown) {
  return (_source: unknown, _args: unknown, infos: Infos, info: GraphQLResolveInfo) => {
    infos.push(info);
    return value;
  };
}

const ROOT = { root: true };

async function infosOf(executor: (args: ExecutionArgs) => unknown): Promise<Infos> {
  const contextValue: Infos = [];
  await executor({
    schema: SCHEMA,
    document: DOCUMENT,
    operationName: 'Both',
    variableValues: { times: 2 },
    rootValue: ROOT,
    contextValue,
  });
  return contextValue;
}

const ours = await infosOf(executeOperation);
const theirs = await infosOf(execute);
const KEYS = Object.keys(theirs[0] ?? {});

const valuesOf = (infos: Infos, key: string) =>
  infos.map((info): unknown => Reflect.get(info, key));

describe('the info of a field', () => {
  it('is passed as often as by graphql-js, to resolvers of fields and of types alike', () => {
    expect(ours).toHaveLength(theirs.length);
    expect(ours.length).toBeGreaterThan(20);
    expect(ours.every((info) => info instanceof FieldInfo)).toBe(true);
  });

  it.each(KEYS)('has the same %s', (key) => {
    expect(valuesOf(ours, key)).toStrictEqual(valuesOf(theirs, key));
  });

  it.each(['fieldName', 'returnType', 'parentType', 'schema', 'operation', 'rootValue'])(
    'has a %s that is not a copy',
    (key) => {
      const copies = valuesOf(theirs, key).filter((value, n) => value !== valuesOf(ours, key)[n]);
      expect(copies).toEqual([]);
    },
  );

  it.each(KEYS)('has one %s, however often it is read', (key) => {
    expect(valuesOf(ours, key).every((value, n) => value === valuesOf(ours, key)[n])).toBe(true);
  });

  it('has a path that leads to the root', () => {
    const paths = ours.filter(({ fieldName }) => fieldName === 'value').map(({ path }) => path);
    const root = { key: 'them', typename: 'Query', prev: undefined };
    expect(paths).toContainEqual({
      key: 'v',
      typename: 'Item',
      prev: {
        key: 'inner',
        typename: 'Item',
        prev: { key: 1, typename: undefined, prev: root },
      },
    });
  });
});
