/**
 * The real schema with resolvers that do everything that a resolver can do, right or wrong, synchronously or later. What
 * each does depends only on the seed and on its place in the answer, so that it does the same for another executor.
 */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type GraphQLFieldResolver,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLUnionType,
  responsePathAsArray,
} from 'graphql';
import { type MockContext, type MockSource, MockWorld } from './mock-world.js';
import { show } from './show.js';
import { randomFor } from './vocabulary.js';

/** True for one name in this many, and always for the same ones. */
function isOneIn(times: number, name: string): boolean {
  return randomFor(name).once(times);
}

export function mockSchema(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType()?.name, schema.getMutationType()?.name];
  const defaulted = (type: string, field: string) =>
    !roots.includes(type) && isOneIn(4, `${type}.${field}`);
  const world = new MockWorld(schema, defaulted);
  const resolve: GraphQLFieldResolver<unknown, MockContext, Record<string, unknown>> = (
    source,
    args,
    context,
    info,
  ) => {
    context.calls.push(callText(source, args, info));
    // Detects an executor that shares arguments between calls.
    args['changed'] = true;
    return world.valueOf(context, info);
  };
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: ({ resolve: _, ...field }, fieldName, typeName) =>
      defaulted(typeName, fieldName) ? field : { ...field, resolve },
    [MapperKind.OBJECT_TYPE]: (type) =>
      new GraphQLObjectType({
        ...type.toConfig(),
        isTypeOf: isOneIn(3, type.name) ? (source: MockSource) => source.isOfType() : null,
      }),
    [MapperKind.INTERFACE_TYPE]: (type) =>
      new GraphQLInterfaceType({
        ...type.toConfig(),
        resolveType: (source: MockSource) => source.typeName(),
      }),
    [MapperKind.UNION_TYPE]: (type) =>
      new GraphQLUnionType({
        ...type.toConfig(),
        resolveType: (source: MockSource) => source.typeName(),
      }),
  });
}

function callText(source: unknown, args: unknown, info: GraphQLResolveInfo): string {
  const from = source instanceof Object && 'at' in source ? source.at : show(source);
  const nodes = info.fieldNodes.map(({ loc }) => loc?.start).join('+');
  const place = `${responsePathAsArray(info.path).join('.')} in ${info.path.typename}`;
  return `${info.parentType}.${info.fieldName} at ${place} of ${from} by ${nodes}: ${show(args)}`;
}
