/** The documentation in GraphiQL: every type, field, argument and value is described. */
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

  it('is described in whole sentences', () => {
    const unfit = parts.filter(({ description }) => !/^[A-Z][^\n]*\.$/.test(description ?? ''));
    expect(unfit).toEqual([]);
  });
});

describe('names', () => {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));

  const mutation = schema.getMutationType()?.getFields() ?? {};
  const isBatch = (name: string) =>
    name.slice(0, -1) in mutation && mutation[name]?.args[0]?.name === 'inputs';
  /** One call about many, that are not listed. */
  const ofMany: Readonly<Record<string, string>> = { voidEvents: 'EventsVoidMatchingInput!' };
  const singular = Object.fromEntries(Object.entries(mutation).filter(([name]) => !isBatch(name)));

  it('do not collide with common names in a larger graph', () => {
    const taken = ['Event', 'Entity', 'Plan', 'User', 'Account'];
    expect(types.map(({ name }) => name).filter((name) => taken.includes(name))).toEqual([]);
  });

  it('of inputs consist of the plural and the verb', () => {
    const inputs = types.filter((type) => type instanceof GraphQLInputObjectType);
    const verbs = inputs.map(({ name }) => name).filter((name) => /Input$/.test(name));
    expect(verbs).toEqual(inputs.map(({ name }) => name));
    for (const [name, field] of Object.entries(singular)) {
      const [, verb = '', noun = ''] = /^([a-z]+)([A-Z]\w*)$/.exec(name) ?? [];
      const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
      const input = ofMany[name] ?? `${plural}${verb[0]?.toUpperCase()}${verb.slice(1)}Input!`;
      expect(field.args.map(({ name, type }) => `${name}: ${type}`)).toEqual([`input: ${input}`]);
    }
  });

  it('of results match the mutation', () => {
    for (const [name, field] of Object.entries(singular)) {
      expect(String(field.type)).toBe(`${name[0]?.toUpperCase()}${name.slice(1)}Result!`);
    }
  });

  it('of a batch mutation match the mutation that it repeats', () => {
    const batches = Object.entries(mutation).filter(([name]) => isBatch(name));
    expect(batches.map(([name]) => name)).toEqual([
      'trackBalances',
      'reserveBalances',
      'captureReservations',
      'extendReservations',
      'releaseReservations',
    ]);
    for (const [name, field] of batches) {
      const single = mutation[name.slice(0, -1)];
      expect(field.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(
        single?.args.map(({ name, type }) => `${name}s: [${type}]!`),
      );
      // An item without a result is null.
      expect(`${field.type}`).toBe(`[${String(single?.type).replace(/!$/, '')}]!`);
    }
  });
});
