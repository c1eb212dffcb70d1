import {
  type GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNonNull,
  type GraphQLSchema,
  getVariableValues,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { abridged, define } from './abridged.js';

type Variables = Readonly<Record<string, unknown>>;

export type ReadVariables =
  | { readonly values: Variables; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly values?: undefined };

/** Returns an operation's variables, or the errors in them. */
export type VariablesReader = (inputs: Variables) => ReadVariables;

interface Planned {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly coerce: Coercer;
  readonly defaultNode: ValueNode | undefined;
}

/** As in graphql-js: further errors are not reported. */
const ERRORS_MAX = 50;

/**
 * Reads valid variables by itself. If anything is invalid, graphql-js reads them again and
 * reports what is wrong. Null for definitions that no valid document has.
 */
export function variablesReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): VariablesReader | null {
  const planned: Planned[] = [];
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) return null;
    const name = variable.name.value;
    planned.push({ name, type, coerce: coercerOf(type), defaultNode: defaultValue });
  }
  return (inputs) => {
    try {
      return { values: fitting(planned, inputs) };
    } catch {
      const read = (given: Variables) =>
        getVariableValues(schema, definitions, given, { maxErrors: ERRORS_MAX });
      const { errors } = read(abridgedInputs(planned, inputs));
      if (errors !== undefined) return { errors };
      const found = read(inputs);
      return found.errors === undefined ? { values: found.coerced } : { errors: found.errors };
    }
  };
}

/** Each error repeats what is invalid, sometimes all of it: 50 errors in a body of 2 MB took a second. */
function abridgedInputs(planned: readonly Planned[], inputs: Variables): Variables {
  const given = {};
  for (const { name, type } of planned) {
    // One more than is reported is reported as too many.
    if (Object.hasOwn(inputs, name))
      define(given, name, abridged(inputs[name], type, ERRORS_MAX + 1));
  }
  return given;
}

function fitting(planned: readonly Planned[], inputs: Variables): Variables {
  const values: Record<string, unknown> = {};
  for (const { name, type, coerce, defaultNode } of planned) {
    let value: unknown;
    if (Object.hasOwn(inputs, name)) value = coerce(inputs[name]);
    else if (defaultNode) value = valueFromAST(defaultNode, type);
    else if (isNonNullType(type)) throw UNFIT;
    else continue;
    if (name === '__proto__') define(values, name, value);
    else values[name] = value;
  }
  return values;
}

/** Thrown and caught only here. */
const UNFIT = new Error('a value does not fit its type');

/** Returns a value as its type reads it; throws if it is invalid. */
type Coercer = (input: unknown) => unknown;

const coercers = new WeakMap<GraphQLInputType, Coercer>();

function coercerOf(type: GraphQLInputType): Coercer {
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
