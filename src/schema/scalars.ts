/**
 * Permissive scalars: what a scalar refuses cannot reach a result union, so the rules for values are
 * with the fields, in rules.ts. Only values of an entirely different type are refused here.
 */
import { healSchema } from '@graphql-tools/utils';
import {
  type FloatValueNode,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLScalarType,
  type GraphQLSchema,
  type IntValueNode,
  Kind,
  type ValueNode,
} from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { isWhole } from '../domain/decimal.js';
import { quantityToNumber } from '../domain/quantity.js';
import { builder } from './builder.js';
import { type Amount, ExactNumber, exactNumberOf } from './input/exact-number.js';

/** Unlike the built-in one it lets every number through to the rules, as exactly as it was written. */
const Float = new GraphQLScalarType<Amount, number>({
  ...GraphQLFloat.toConfig(),
  parseValue: (value) => (isAmount(value) ? value : GraphQLFloat.parseValue(value)),
  parseLiteral: (node, variables) =>
    isNumber(node) ? exactNumberOf(node.value) : GraphQLFloat.parseLiteral(node, variables),
  serialize: (value) =>
    typeof value === 'bigint' ? quantityToNumber(value) : GraphQLFloat.serialize(value),
});

function isAmount(value: unknown): value is Amount {
  return typeof value === 'number' || value instanceof ExactNumber;
}

function isNumber(node: ValueNode): node is IntValueNode | FloatValueNode {
  return node.kind === Kind.INT || node.kind === Kind.FLOAT;
}

/** Unlike the built-in one it says of a whole number that is too large what is wrong with it. */
const Int = new GraphQLScalarType<number, number>({
  ...GraphQLInt.toConfig(),
  parseValue: (value) => {
    if (!(value instanceof ExactNumber) || !isWhole(value.text))
      return GraphQLInt.parseValue(value);
    throw new GraphQLError(`Int cannot represent non 32-bit signed integer value: ${value.text}`);
  },
});

const DIGITS = /^-?\d+$/;

/** As in a document, where an id can be a whole number of any length. */
const ID = new GraphQLScalarType<string, string>({
  ...GraphQLID.toConfig(),
  parseValue: (value) =>
    GraphQLID.parseValue(
      value instanceof ExactNumber && DIGITS.test(value.text) ? value.text : value,
    ),
});

/** Pothos always builds the built-in ones, so ours replace them afterwards. */
export function withOwnScalars(schema: GraphQLSchema): GraphQLSchema {
  for (const scalar of [Float, Int, ID]) schema.getTypeMap()[scalar.name] = scalar;
  return healSchema(schema);
}

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<string, string>({
    name: GraphQLDateTime.name,
    description:
      'A date and time in RFC 3339, such as `2026-01-31T10:15:30Z`. Any offset is accepted, but no leap second; ' +
      'answers are in UTC, to the millisecond.',
    specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
    extensions: { ...GraphQLDateTime.extensions },
    parseValue: dateTimeText,
    parseLiteral: (node) => dateTimeText(node.kind === Kind.STRING ? node.value : null),
    serialize: (value) => new Date(Number(value)).toISOString(),
  }),
);

function dateTimeText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError('DateTime must be a string such as "2026-01-31T10:15:30Z".');
}

builder.addScalarType(
  'JSON',
  new GraphQLScalarType<unknown, unknown>({
    ...GraphQLJSON.toConfig(),
    parseLiteral: jsonOfLiteral,
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  }),
);

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Numbers as they are written, and the values of enums as texts; a member without a value is omitted. */
export function jsonOfLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return exactNumberOf(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((item) => jsonOfLiteral(item, variables) ?? null);
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields
          .map(({ name, value }) => [name.value, jsonOfLiteral(value, variables)] as const)
          .filter(([, value]) => value !== undefined),
      );
    case Kind.VARIABLE:
      return variables?.[node.name.value];
  }
}
