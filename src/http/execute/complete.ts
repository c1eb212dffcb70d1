/** The parts of completing a value that are independent of the run. */
import {
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
} from 'graphql';
import { inspect } from './inspect.js';
import type { PlannedField, Selection } from './selection.js';

export type Path = GraphQLResolveInfo['path'];

export type Result = Record<string, unknown>;

export function pathTo(prev: Path | undefined, { key, parentType }: PlannedField): Path {
  return { prev, key, typename: parentType.name };
}

/** A plain object if possible: it is faster to create and to serialize. */
export function newResult({ hasProto }: Selection): Result {
  return hasProto ? Object.create(null) : {};
}

/** The result once all of its fields have resolved. */
export function settledResult(selection: Selection, result: Result): Promise<Result> {
  return Promise.all(Object.values(result)).then((values) => {
    const settled = newResult(selection);
    for (const [index, key] of Object.keys(result).entries()) settled[key] = values[index];
    return settled;
  });
}

/** Anything with a `then`, as in graphql-js. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  const type = typeof value;
  // Values of other types are most of them, and none has a `then`.
  return (
    (type === 'object' || type === 'function') && typeof memberOf(value, 'then') === 'function'
  );
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && typeof memberOf(value, Symbol.iterator) === 'function';
}

/** Members can be read from any value except null and undefined. */
function memberOf(value: unknown, key: PropertyKey): unknown {
  return (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
}

/** A value of a scalar or an enum, serialized. */
export function serialized(type: GraphQLLeafType, value: unknown): unknown {
  const found: unknown = type.serialize(value);
  if (found !== null && found !== undefined) return found;
  throw new Error(
    `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to ` +
      `return non-nullable value, returned: ${inspect(found)}`,
  );
}

export function nullOf({ parentType, name }: PlannedField): Error {
  return new Error(`Cannot return null for non-nullable field ${parentType.name}.${name}.`);
}

export function notOfType(
  type: GraphQLObjectType,
  { nodes }: PlannedField,
  value: unknown,
): GraphQLError {
  const message = `Expected value of type "${type.name}" but got: ${inspect(value)}.`;
  return new GraphQLError(message, { nodes });
}

/** The type that a value of an interface or a union claims to have. */
export function objectTypeOf(
  name: unknown,
  abstract: GraphQLAbstractType,
  { nodes, parentType, name: fieldName }: PlannedField,
  { schema }: GraphQLResolveInfo,
  value: unknown,
): GraphQLObjectType {
  if (typeof name !== 'string') {
    throw notNamed(name, abstract.name, `${parentType.name}.${fieldName}`, nodes, value);
  }
  const type = schema.getType(name);
  if (isObjectType(type) && schema.isSubType(abstract, type)) return type;
  const resolved = `Abstract type "${abstract.name}" was resolved to a`;
  if (type === undefined) {
    throw new GraphQLError(`${resolved} type "${name}" that does not exist inside the schema.`, {
      nodes,
    });
  }
  throw new GraphQLError(
    isObjectType(type)
      ? `Runtime Object type "${name}" is not a possible type for "${abstract.name}".`
      : `${resolved} non-object type "${name}".`,
    { nodes },
  );
}

function notNamed(
  name: unknown,
  abstract: string,
  field: string,
  nodes: readonly FieldNode[],
  value: unknown,
): GraphQLError {
  const must =
    `Abstract type "${abstract}" must resolve to an Object type at runtime ` +
    `for field "${field}"`;
  if (name === null || name === undefined) {
    return new GraphQLError(
      `${must}. Either the "${abstract}" type should provide a "resolveType" function ` +
        'or each possible type should provide an "isTypeOf" function.',
      { nodes },
    );
  }
  if (isObjectType(name)) {
    return new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 ' +
        'please return type name instead.',
    );
  }
  return new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
}
