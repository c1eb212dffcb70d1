/** The conventions of Relay, for every type: https://relay.dev/docs/guides/graphql-server-specification */
import {
  type GraphQLField,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLUnionType,
  getNamedType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';

const types = Object.values(schema.getTypeMap());
const objects = types.filter((type) => type instanceof GraphQLObjectType);

function fieldsOf(name: string): Record<string, string> {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLObjectType) && !(type instanceof GraphQLInterfaceType)) return {};
  return Object.fromEntries(
    Object.values(type.getFields()).map((field) => [field.name, String(field.type)]),
  );
}

describe('nodes', () => {
  it('are found by a global id, one at a time', () => {
    expect(fieldsOf('Node')).toEqual({ id: 'ID!' });
    const { node, nodes } = schema.getQueryType()?.getFields() ?? {};
    expect(String(node?.type)).toBe('Node');
    expect(node?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!']);
    expect(nodes).toBeUndefined();
  });

  it('are all the objects with an id', () => {
    const nodes = objects.filter((type) =>
      type.getInterfaces().some(({ name }) => name === 'Node'),
    );
    expect(nodes.map(({ name }) => name).toSorted()).toEqual([
      'ApiKey',
      'Balance',
      'Customer',
      'CustomerEntity',
      'Feature',
      'LedgerEntry',
      'Project',
      'UsageEvent',
    ]);
  });
});

describe('connections', () => {
  const connections = objects.filter(({ name }) => name.endsWith('Connection'));

  it.each(connections.map(({ name }) => name))('%s has edges and page information', (name) => {
    const noun = name.replace(/Connection$/, '');
    expect(fieldsOf(name)).toEqual({ edges: `[${noun}Edge!]!`, pageInfo: 'PageInfo!' });
    expect(fieldsOf(`${noun}Edge`)).toEqual({ cursor: 'String!', node: `${noun}!` });
  });

  it('have the four arguments for pages everywhere', () => {
    const given: GraphQLField<unknown, unknown>[] = objects
      .flatMap((type) => Object.values(type.getFields()))
      .filter(({ type }) => getNamedType(type).name.endsWith('Connection'));
    expect(given.length).toBeGreaterThanOrEqual(7);
    for (const { args } of given) {
      const named = Object.fromEntries(args.map(({ name, type }) => [name, String(type)]));
      const paging = { first: 'Int', last: 'Int', after: 'String', before: 'String' };
      expect(named).toMatchObject(paging);
    }
  });

  it('describe the position of a page', () => {
    expect(fieldsOf('PageInfo')).toEqual({
      startCursor: 'String',
      endCursor: 'String',
      hasNextPage: 'Boolean!',
      hasPreviousPage: 'Boolean!',
    });
  });
});

describe('refusals', () => {
  const results = types.filter((type) => type instanceof GraphQLUnionType);

  it('are beside the payload in every result, and each is an Error', () => {
    expect(results.length).toBeGreaterThan(11);
    for (const result of results) {
      const [payload, ...refusals] = result
        .getTypes()
        .toSorted(
          (a, b) => Number(b.name.endsWith('Payload')) - Number(a.name.endsWith('Payload')),
        );
      expect(`${payload?.name}`).toBe(result.name.replace(/Result$/, 'Payload'));
      expect(refusals.map(({ name }) => name)).toContain('InvalidInputError');
      for (const refusal of refusals) {
        expect(refusal.getInterfaces().map(({ name }) => name)).toEqual(['Error']);
      }
    }
  });

  it('have a code and a message', () => {
    expect(fieldsOf('Error')).toEqual({ code: 'ErrorCode!', message: 'String!' });
  });
});
