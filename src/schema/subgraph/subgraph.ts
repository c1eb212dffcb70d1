/**
 * The subgraph of a schema, for Apollo Federation 2: the same resolvers and declarations under other names, with the fields
 * that a gateway needs. It is derived once, at the start.
 */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  isObjectType,
} from 'graphql';
import { entitiesField } from './entities.js';
import { type Entity, entityOf } from './entity.js';
import type { SubgraphNames } from './names.js';
import { renamed } from './renamed.js';
import { type Link, sdlOf } from './sdl.js';

export interface Subgraph {
  readonly schema: GraphQLSchema;
  /** What `_service` returns. */
  readonly sdl: string;
}

export interface SubgraphOptions {
  readonly names: SubgraphNames;
  readonly links: readonly Link[];
}

export function subgraphOf(schema: GraphQLSchema, { names, links }: SubgraphOptions): Subgraph {
  const own = renamed(schema, names);
  const sdl = sdlOf(own, links);
  return { schema: withFederation(own, sdl), sdl };
}

function withFederation(schema: GraphQLSchema, sdl: string): GraphQLSchema {
  const entities = entitiesField(entitiesOf(schema));
  return mapSchema(schema, {
    [MapperKind.QUERY]: (type) => {
      const config = type.toConfig();
      const fields = { ...config.fields, _entities: entities, _service: serviceField(sdl) };
      return new GraphQLObjectType({ ...config, fields });
    },
  });
}

function entitiesOf(schema: GraphQLSchema): Map<GraphQLObjectType, Entity> {
  const entities = new Map<GraphQLObjectType, Entity>();
  for (const type of Object.values(schema.getTypeMap())) {
    const entity = isObjectType(type) ? entityOf(type) : null;
    if (isObjectType(type) && entity !== null) entities.set(type, entity);
  }
  return entities;
}

function serviceField(sdl: string) {
  const type = new GraphQLObjectType({
    name: '_Service',
    description: 'What a gateway needs to know about this subgraph.',
    fields: {
      sdl: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'Its schema, with the directives of Apollo Federation.',
        resolve: () => sdl,
      },
    },
  });
  return {
    type: new GraphQLNonNull(type),
    description: 'What a gateway needs to know about this subgraph. Composition uses it.',
    resolve: () => ({}),
  };
}
