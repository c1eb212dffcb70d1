/** A schema under the names of the subgraph, with the resolvers and extensions as they are. */
import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  GraphQLUnionType,
  isInterfaceType,
  isIntrospectionType,
  isScalarType,
} from 'graphql';
import { BrokenInvariantError } from '../../domain/assert.js';
import { ADMIN, scopeSet } from '../../meter/access/scopes.js';
import { scopesOf } from '../scopes.js';
import { entityOf } from './entity.js';
import type { SubgraphNames } from './names.js';

/** Relay's interface and its root field, which in a graph would be those of one subgraph among many. */
const NODE = 'Node';
const NODE_FIELD = 'node';

/** In place of a description that mentions `node`. */
const ID_DESCRIPTION = 'A global id, unique across all types. Treat it as opaque.';

export function renamed(schema: GraphQLSchema, names: SubgraphNames): GraphQLSchema {
  const newNames = newNamesOf(schema, names);
  const nameOf = (name: string) => newNames.get(name) ?? name;
  const own = mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) =>
      new GraphQLObjectType({ ...type.toConfig(), name: nameOf(type.name) }),
    [MapperKind.INPUT_OBJECT_TYPE]: (type) =>
      new GraphQLInputObjectType({ ...type.toConfig(), name: nameOf(type.name) }),
    [MapperKind.ENUM_TYPE]: (type) =>
      new GraphQLEnumType({ ...type.toConfig(), name: nameOf(type.name) }),
    [MapperKind.UNION_TYPE]: (type) =>
      new GraphQLUnionType({ ...type.toConfig(), ...renamedAbstract(type, nameOf) }),
    [MapperKind.INTERFACE_TYPE]: (type) =>
      type.name === NODE
        ? null
        : new GraphQLInterfaceType({ ...type.toConfig(), ...renamedAbstract(type, nameOf) }),
    [MapperKind.ROOT_FIELD]: (field, name) =>
      name === NODE_FIELD || isManagement(field) ? null : [names.rootFieldName(name), field],
    [MapperKind.OBJECT_FIELD]: (field, name, typeName) =>
      name === 'id' && isNode(schema, typeName) ? { ...field, description: ID_DESCRIPTION } : field,
  });
  // Without the types of the fields that are omitted. A gateway can refer to entities that no field returns.
  return pruneSchema(own, {
    skipPruning: (type) => type instanceof GraphQLObjectType && entityOf(type) !== null,
  });
}

const MANAGEMENT = scopeSet([ADMIN, 'keys:write']);

/** Projects and keys are no business of a graph, in which secrets would pass through its gateway. */
function isManagement(field: Pick<GraphQLFieldConfig<unknown, unknown>, 'extensions'>): boolean {
  return (scopesOf({ extensions: field.extensions ?? {} }) & MANAGEMENT) !== 0;
}

function newNamesOf(schema: GraphQLSchema, { typeName }: SubgraphNames): Map<string, string> {
  const newNames = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    const isKept = isScalarType(type) || isIntrospectionType(type);
    newNames.set(type.name, isKept ? type.name : typeName(type.name));
  }
  if (new Set(newNames.values()).size < newNames.size) {
    throw new BrokenInvariantError('two types of the subgraph have the same name');
  }
  return newNames;
}

/** Resolvers of types give the names that these had. Executors look them up in the schema that they run. */
function renamedAbstract(type: GraphQLInterfaceType | GraphQLUnionType, nameOf: Renaming) {
  return { name: nameOf(type.name), resolveType: renamedResolver(type.resolveType, nameOf) };
}

type Renaming = (name: string) => string;
type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

function renamedResolver(resolveType: TypeResolver | null | undefined, nameOf: Renaming) {
  if (!resolveType) return undefined;
  return (...args: Parameters<TypeResolver>) => {
    const name = resolveType(...args);
    return name instanceof Promise ? name.then(toNew) : toNew(name);
  };
  function toNew<T>(name: T): T | string {
    return typeof name === 'string' ? nameOf(name) : name;
  }
}

function isNode(schema: GraphQLSchema, typeName: string): boolean {
  const node = schema.getType(NODE);
  const type = schema.getType(typeName);
  return isInterfaceType(node) && type instanceof GraphQLObjectType && schema.isSubType(node, type);
}
