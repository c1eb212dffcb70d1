/** Entrances to the pipeline: each serves a schema under a path, and all else is the same for all. */
import type { GraphQLSchema } from 'graphql';
import type { OperationBounds } from '../config/operation-bounds.js';
import { Documents } from './document.js';
import { SchemaResults } from './introspection.js';
import { GRAPHQL_PATH, SUBGRAPH_PATH } from './paths.js';

export interface Door {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly schemaResults: SchemaResults;
}

export interface Doors {
  /** The one at this path; null if nothing is served there. */
  at(path: string): Door | null;
}

export interface DoorsOptions {
  readonly config: Pick<OperationBounds, 'operationFieldsMax'>;
  /** For applications and people. */
  readonly schema: GraphQLSchema;
  /** For gateways; null if there is none. */
  readonly subgraph: GraphQLSchema | null;
}

export function createDoors({ config, schema, subgraph }: DoorsOptions): Doors {
  const open = (path: string, served: GraphQLSchema): Door => ({
    path,
    schema: served,
    documents: new Documents({ ...config, schema: served, name: path }),
    schemaResults: new SchemaResults(path),
  });
  const doors = [open(GRAPHQL_PATH, schema)];
  if (subgraph !== null) doors.push(open(SUBGRAPH_PATH, subgraph));
  return {
    at: (path) => doors.find((door) => path === door.path || path === `${door.path}/`) ?? null,
  };
}
