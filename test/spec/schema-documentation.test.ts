/** What people read in GraphiQL: every type, field, argument and value says what it is. */
import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLSchema,
  isIntrospectionType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';

interface Described {
  readonly coordinate: string;
  readonly description: string | null | undefined;
}

function* everything(of: GraphQLSchema): Generator<Described> {
  for (const type of Object.values(of.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    yield { coordinate: type.name, description: type.description };
    if (type instanceof GraphQLEnumType) {
      for (const { name, description } of type.getValues()) {
        yield { coordinate: `${type.name}.${name}`, description };
      }
    }
    if (type instanceof GraphQLInputObjectType) {
      for (const { name, description } of Object.values(type.getFields())) {
        yield { coordinate: `${type.name}.${name}`, description };
      }
    }
    if (type instanceof GraphQLObjectType || type instanceof GraphQLInterfaceType) {
      for (const { name, description, args } of Object.values(type.getFields())) {
        yield { coordinate: `${type.name}.${name}`, description };
        for (const argument of args) {
          const coordinate = `${type.name}.${name}(${argument.name}:)`;
          yield { coordinate, description: argument.description };
        }
      }
    }
  }
}

describe('every part of the schema', () => {
  const parts = [...everything(schema)];

  it('has a description', () => {
    expect(parts.length).toBeGreaterThan(300);
    expect(parts.filter(({ description }) => !description)).toEqual([]);
  });

  it('is described in one sentence with a full stop', () => {
    const unfit = parts.filter(({ description }) => !/^[A-Z][^\n]*\.$/.test(description ?? ''));
    expect(unfit).toEqual([]);
    const several = parts.filter(({ description }) => /\. [A-Z]/.test(description ?? ''));
    expect(several).toEqual([]);
  });
});

describe('names', () => {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));

  it('are those of a larger graph: none that it may well have already', () => {
    const taken = ['Event', 'Entity', 'Plan', 'User', 'Account'];
    expect(types.map(({ name }) => name).filter((name) => taken.includes(name))).toEqual([]);
  });

  it('of inputs say the plural and the verb', () => {
    const inputs = types.filter((type) => type instanceof GraphQLInputObjectType);
    const verbs = inputs.map(({ name }) => name).filter((name) => /Input$/.test(name));
    expect(verbs).toEqual(inputs.map(({ name }) => name));
    const mutation = schema.getMutationType()?.getFields() ?? {};
    for (const [name, field] of Object.entries(mutation)) {
      const [, verb = '', noun = ''] = /^([a-z]+)([A-Z]\w*)$/.exec(name) ?? [];
      const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
      const input = `${plural}${verb[0]?.toUpperCase()}${verb.slice(1)}Input!`;
      expect(field.args.map(({ name, type }) => `${name}: ${type}`)).toEqual([`input: ${input}`]);
    }
  });

  it('of results go with the mutation', () => {
    const mutation = schema.getMutationType()?.getFields() ?? {};
    for (const [name, field] of Object.entries(mutation)) {
      expect(String(field.type)).toBe(`${name[0]?.toUpperCase()}${name.slice(1)}Result!`);
    }
  });
});
