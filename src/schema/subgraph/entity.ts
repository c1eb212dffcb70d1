/**
 * Entity types: what other subgraphs refer to by its keys. They are declared beside each type, in its `extensions`, from
 * which both the directives of the SDL and the resolver of `_entities` are made.
 */
import {
  type GraphQLObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { Context } from '../context.js';

export type Members = Readonly<Record<string, unknown>>;

export interface EntityKey {
  /** As in `@key(fields:)`. */
  readonly fields: string;
  /** Where the object with these values is, in the order of the fields; null if there can be none. */
  readonly addressOf: (values: readonly string[], context: Context) => string | null;
}

export interface Entity {
  /** Objects with the same address are the same. */
  readonly keys: readonly EntityKey[];
  /** The object at an address; null if there is none. */
  readonly load: (
    address: string,
    context: Context,
    representation: Members,
  ) => object | null | Promise<object | null>;
}

/** The `extensions` of an entity type. */
export function entity(declared: Entity) {
  const key = declared.keys.map(({ fields }) => ({ fields }));
  return { entity: declared, directives: { key } };
}

/** Null for a type that is not an entity. */
export function entityOf(type: GraphQLObjectType): Entity | null {
  return (type.extensions['entity'] as Entity | undefined) ?? null;
}

/**
 * The values of a key's fields in a representation. Undefined if it lacks one, and null if one of them is not a text, which
 * no key has.
 */
export type KeyReader = (representation: Members) => readonly string[] | null | undefined;

export function keyReader(fields: string): KeyReader {
  const paths = pathsIn(selectionOf(fields));
  return (representation) => {
    const values = paths.map((path) => valueAt(representation, path));
    if (values.some((value) => value === undefined || value === null)) return undefined;
    const texts = values.filter((value) => typeof value === 'string');
    return texts.length === values.length ? texts : null;
  };
}

function selectionOf(fields: string): SelectionSetNode {
  const [operation] = parse(`{ ${fields} }`).definitions;
  return (operation as OperationDefinitionNode).selectionSet;
}

function pathsIn({ selections }: SelectionSetNode): string[][] {
  return selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return [];
    const { name, selectionSet } = selection;
    if (selectionSet === undefined) return [[name.value]];
    return pathsIn(selectionSet).map((path) => [name.value, ...path]);
  });
}

function valueAt(representation: Members, path: readonly string[]): unknown {
  let value: unknown = representation;
  for (const name of path) {
    if (value === null || value === undefined) return value;
    if (typeof value !== 'object' || Array.isArray(value)) return NOT_AN_OBJECT;
    value = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value;
}

/** Anything that is not a text. */
const NOT_AN_OBJECT = Symbol('not an object');
