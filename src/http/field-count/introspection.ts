/**
 * Fields of introspection, counted one by one: what it reads is the schema, which is at hand.
 * Each object that a selection reaches is visited once, however many paths lead to it.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { tooComplex } from '../limits.js';
import type { Selection, Selections } from './selections.js';
import type { GivenBy } from './variables.js';

/** Fields of introspection in one operation: almost three times the largest query that tools send. */
export const INTROSPECTION_FIELDS_MAX = 25_000;

type Field = GraphQLField<unknown, unknown>;

/** A root field with which introspection begins; null for any other. */
export function introspectionField(name: string): Field | null {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  return name === TypeMetaFieldDef.name ? TypeMetaFieldDef : null;
}

export interface IntrospectionOptions {
  readonly schema: GraphQLSchema;
  readonly selections: Selections;
  readonly given: GivenBy;
}

/** What a request may skip is counted. */
const EVERYTHING = { includeDeprecated: true };

/** Counts the fields below a field with which introspection begins, including itself. */
export type CountIntrospection = (nodes: readonly FieldNode[], field: Field) => number;

export function introspectionCounter(options: IntrospectionOptions): CountIntrospection {
  const { schema, selections, given } = options;
  const counts = new Map<Selection, Map<object, number>>();
  const info = infoOf(schema);
  let looked = 0;

  const countObject = (selection: Selection, source: object): number => {
    const known = counts.get(selection) ?? new Map<object, number>();
    counts.set(selection, known);
    const before = known.get(source);
    if (before !== undefined) return before;
    looked += 1;
    // Each object has at least one field, so there is no need to visit more.
    if (looked > INTROSPECTION_FIELDS_MAX) throw tooMany();
    let count = 0;
    for (const nodes of selection.groups.values()) {
      const field = selection.type.getFields()[nodes[0].name.value];
      // Only __typename exists on every type without being among its fields.
      count += 1 + (field === undefined ? 0 : countBelow(nodes, field, source));
    }
    known.set(source, count);
    return count;
  };

  const countBelow = (nodes: readonly FieldNode[], field: Field, source: object): number => {
    const type = getNullableType(field.type);
    // Creating texts may take a while, and each is one field.
    if (isLeafType(type)) return 0;
    return countValue(nodes, field, field.resolve?.(source, EVERYTHING, undefined, info));
  };

  const countValue = (nodes: readonly FieldNode[], field: Field, value: unknown): number => {
    const type = getNamedType(field.type);
    if (!isObjectType(type)) return Array.isArray(value) ? value.length : 0;
    const items = Array.isArray(value) ? value : [value];
    const selection = selections.of(nodes, type);
    return sum(items, (item) => (isObject(item) ? countObject(selection, item) : 0));
  };

  return (nodes, field) => {
    if (field === SchemaMetaFieldDef) return 1 + countValue(nodes, field, schema);
    const name = given(nodes[0]?.arguments, 'name');
    const named =
      name?.kind === 'LITERAL' && name.node.kind === Kind.STRING ? name.node.value : null;
    // Whatever type a variable names, it is one of these.
    const types = named === null ? Object.values(schema.getTypeMap()) : [schema.getType(named)];
    return 1 + Math.max(...types.map((type) => countValue(nodes, field, type)));
  };
}

function tooMany() {
  return tooComplex(`may have more than ${INTROSPECTION_FIELDS_MAX} fields of introspection`);
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The resolvers of introspection read nothing else of it. */
function infoOf(schema: GraphQLSchema): GraphQLResolveInfo {
  return { schema } as GraphQLResolveInfo;
}
