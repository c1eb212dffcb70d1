/** The schema with answers in which every list has its maximum size and nothing is null. */
import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isObjectType,
  printSchema,
} from 'graphql';
import { listSizeOf } from '../../../src/schema/list-size.js';

export interface FullSchema {
  readonly schema: GraphQLSchema;
  readonly fieldResolver: GraphQLFieldResolver<unknown, unknown>;
}

/** What an object knows about its lists. */
interface Source {
  readonly edges?: number;
  readonly isShare?: boolean;
}

export function fullSchemaOf(schema: GraphQLSchema): FullSchema {
  const sizeOf = (type: string, field: string, source: Source): number => {
    if (field === 'edges') return source.edges ?? 0;
    if (field === 'breakdown' && source.isShare) return 1;
    const found = schema.getType(type);
    const declared = isObjectType(found) ? found.getFields()[field] : undefined;
    return (declared && listSizeOf(declared)?.max) ?? 0;
  };
  return {
    schema: buildSchema(printSchema(schema)),
    fieldResolver: (source, { first, last }, _context, { parentType, fieldName, returnType }) => {
      const isList = isListType(getNullableType(returnType));
      const value = sampleOf(getNamedType(returnType), {
        edges: first ?? last ?? 20,
        isShare: isList && fieldName === 'balances',
      });
      if (!isList) return value;
      const items = sizeOf(parentType.name, fieldName, (source ?? {}) as Source);
      return Array.from({ length: items }, () => value);
    },
  };
}

function sampleOf(type: GraphQLNamedOutputType, source: Source): unknown {
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isObjectType(type)) return source;
  return type.name === 'String' || type.name === 'ID' ? 'x' : 1;
}

/** The number of fields of an answer, and of items of its lists of leaves. */
export function fieldsIn(data: unknown): number {
  if (Array.isArray(data)) {
    return data.reduce((sum: number, item) => sum + (isLeaf(item) ? 1 : fieldsIn(item)), 0);
  }
  if (isLeaf(data)) return 0;
  return Object.values(data).reduce((sum: number, value) => sum + 1 + fieldsIn(value), 0);
}

function isLeaf(value: unknown): value is Exclude<unknown, object> {
  return typeof value !== 'object' || value === null;
}
