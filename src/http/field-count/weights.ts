/** What a field of an operation costs, by the directives of the schema. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  Kind,
} from 'graphql';
import { EDGES, weightOf } from '../../schema/cost.js';
import type { InnerSizes, Size } from './sizes.js';
import type { ListKind } from './tree.js';

export interface Weights {
  /** For itself. */
  readonly field: number;
  /** For each item of the list that it is. */
  readonly item: number;
  /** For each row of the page that it is: all are read, whichever parts of the page are requested. */
  readonly row: number;
  readonly rows: Size;
  /** Whether it is no read, but a call that writes or looks into the schema: that much is always spent. */
  readonly isSpent: boolean;
}

interface WeightsOptions {
  readonly schema: GraphQLSchema;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly list: ListKind | null;
  /** The sizes of nested lists that are known from the field. */
  readonly inner: InnerSizes;
  /** Whether it is a field of the mutation type. */
  readonly isCall: boolean;
}

export function weightsOf(options: WeightsOptions): Weights {
  const { schema, field, node, list, inner, isCall: isSpent } = options;
  const own = weightOf(field) ?? weightOfType(schema, getNamedType(field.type));
  const given = weightOfArguments(field, node);
  const rows = inner[EDGES];
  if (rows !== undefined) {
    return { field: own + given, item: 0, row: weightOfEdge(schema, field), rows, isSpent };
  }
  // The rows of a page have been charged with it.
  if (list === 'PAGE' || own + given === 0) return NOTHING;
  if (list === null) return { ...NOTHING, field: own + given, isSpent };
  // The list itself is read, by one statement, unless it is at hand.
  return { ...NOTHING, field: given + (own > 0 ? 1 : 0), item: own, isSpent };
}

/** Fields of introspection that cost as much as a row. */
const INTROSPECTED_PER_UNIT = 100;

export function weightsOfIntrospection(fields: number): Weights {
  return { ...NOTHING, field: Math.ceil(fields / INTROSPECTED_PER_UNIT), isSpent: true };
}

const NOTHING: Weights = { field: 0, item: 0, row: 0, rows: 0, isSpent: false };

/** Of an object of the type: 1 if it does not say, as for the specification; of an abstract type, the most that one costs. */
function weightOfType(schema: GraphQLSchema, type: GraphQLNamedType): number {
  if (isAbstractType(type)) {
    return Math.max(0, ...schema.getPossibleTypes(type).map((one) => weightOfType(schema, one)));
  }
  return weightOf(type) ?? (isLeafType(type) ? 0 : 1);
}

function weightOfEdge(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): number {
  const connection = getNamedType(field.type);
  const edges = isObjectType(connection) ? connection.getFields()[EDGES] : undefined;
  if (edges === undefined) return 0;
  return weightOf(edges) ?? weightOfType(schema, getNamedType(edges.type));
}

/** An argument costs what it costs if it is given, whatever it is, unless the document says null. */
function weightOfArguments(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: nodes = [] }: FieldNode,
): number {
  let sum = 0;
  for (const { name, value } of nodes) {
    const argument = args.find((one) => one.name === name.value);
    if (argument !== undefined && value.kind !== Kind.NULL) sum += weightOf(argument) ?? 0;
  }
  return sum;
}
