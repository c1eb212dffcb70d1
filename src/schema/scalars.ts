/**
 * Permissive scalars: what a scalar refuses can't reach a result union, so the rules for values are
 * with the fields, in rules.ts. Only another type altogether is refused here.
 */
import { healSchema } from '@graphql-tools/utils';
import { GraphQLError, GraphQLFloat, GraphQLScalarType, type GraphQLSchema, Kind } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { quantityToNumber } from '../domain/quantity.js';
import { builder } from './builder.js';

/**
 * The built-in one refuses an infinite variable, which is what JSON makes of 1e400. Ours lets it
 * through to the rules, and knows amounts.
 */
const Float = new GraphQLScalarType<number, number>({
  ...GraphQLFloat.toConfig(),
  parseValue: (value) => (typeof value === 'number' ? value : GraphQLFloat.parseValue(value)),
  serialize: (value) =>
    typeof value === 'bigint' ? quantityToNumber(value) : GraphQLFloat.serialize(value),
});

/** Pothos always builds the built-in one, so ours takes its place afterwards. */
export function withOwnFloat(schema: GraphQLSchema): GraphQLSchema {
  schema.getTypeMap()[Float.name] = Float;
  return healSchema(schema);
}

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<string, string>({
    name: GraphQLDateTime.name,
    description:
      'A date and time by RFC 3339 such as 2026-01-31T10:15:30Z, kept to the millisecond and ' +
      'answered in UTC.',
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

/** Without the parser of its own for literals, which drops the values of enums silently. */
const { parseLiteral: _, ...json } = GraphQLJSON.toConfig();

builder.addScalarType(
  'JSON',
  new GraphQLScalarType<unknown, unknown>({
    ...json,
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  }),
);
