import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNonNull,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** What a coercer throws; graphql-js says what is wrong. */
export const UNFIT = new Error('a value does not fit its type');

/** Returns a value as its type reads it, as graphql-js would in ten times as long; throws if it is invalid. */
export type Coercer = (input: unknown) => unknown;

const coercers = new WeakMap<GraphQLInputType, Coercer>();

export function coercerOf(type: GraphQLInputType): Coercer {
  const known = coercers.get(type);
  if (known !== undefined) return known;
  // Created on first use, because input types may contain themselves.
  let made: Coercer | undefined;
  const coercer: Coercer = (input) => {
    made ??= newCoercer(type);
    return made(input);
  };
  coercers.set(type, coercer);
  return coercer;
}

function newCoercer(type: GraphQLInputType): Coercer {
  if (isNonNullType(type)) {
    const inner = coercerOf(type.ofType);
    return (input) => {
      if (input === null || input === undefined) throw UNFIT;
      return inner(input);
    };
  }
  const present = presentCoercer(type);
  return (input) => (input === null || input === undefined ? null : present(input));
}

function presentCoercer(type: Exclude<GraphQLInputType, GraphQLNonNull<never>>): Coercer {
  if (isListType(type)) {
    const item = coercerOf(type.ofType);
    return (input) => (isIterable(input) ? Array.from(input, item) : [item(input)]);
  }
  if (isInputObjectType(type)) return objectCoercer(type);
  return (input) => {
    const value: unknown = type.parseValue(input);
    if (value === undefined) throw UNFIT;
    return value;
  };
}

function objectCoercer(type: GraphQLInputObjectType): Coercer {
  const fields = Object.values(type.getFields()).map((field) => ({
    name: field.name,
    coerce: coercerOf(field.type),
    defaultValue: field.defaultValue,
    isRequired: isNonNullType(field.type) && field.defaultValue === undefined,
  }));
  const names = new Set(fields.map(({ name }) => name));
  return (input) => {
    // It has a special rule, which graphql-js implements.
    if (!isRecord(input) || type.isOneOf) throw UNFIT;
    const values: Record<string, unknown> = {};
    for (const { name, coerce, defaultValue, isRequired } of fields) {
      const given = input[name];
      if (given !== undefined) values[name] = coerce(given);
      else if (isRequired) throw UNFIT;
      else if (defaultValue !== undefined) values[name] = defaultValue;
    }
    for (const name of Object.keys(input)) if (!names.has(name)) throw UNFIT;
    return values;
  };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
