/** Entrances to the pipeline: each serves a schema under a path, and all else is the same for all. */
import type { GraphQLSchema } from 'graphql';
import type { OperationBounds } from '../config/operation-bounds.js';
import { Documents } from './document.js';
import type { GatewaySignatures } from './gateway-signature.js';
import { SchemaResults } from './introspection.js';
import { GRAPHQL_PATH, SUBGRAPH_PATH } from './paths.js';

export interface Door {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly schemaResults: SchemaResults;
  /** What checks that a gateway has signed a request; null if none has to. */
  readonly signatures: GatewaySignatures | null;
  /** Whether gateways may ask how long an operation took. */
  readonly isTraced: boolean;
}

export interface Doors {
  /** The one at this path; null if nothing is served there. */
  at(path: string): Door | null;
}

export interface DoorsOptions {
  readonly config: Pick<OperationBounds, 'operationFieldsMax' | 'operationCostMax'>;
  /** For applications and people. */
  readonly schema: GraphQLSchema;
  /** For gateways; null if there is none. */
  readonly subgraph: GraphQLSchema | null;
  readonly subgraphSignatures: GatewaySignatures | null;
}

export function createDoors(options: DoorsOptions): Doors {
  const { config, schema, subgraph, subgraphSignatures } = options;
  const open = (
    path: string,
    served: GraphQLSchema,
    signatures: GatewaySignatures | null,
  ): Door => ({
    path,
    schema: served,
    documents: new Documents({ ...config, schema: served, name: path }),
    schemaResults: new SchemaResults(path),
    signatures,
    isTraced: path === SUBGRAPH_PATH,
  });
  const doors = [open(GRAPHQL_PATH, schema, null)];
  if (subgraph !== null) doors.push(open(SUBGRAPH_PATH, subgraph, subgraphSignatures));
  return {
    at: (path) => doors.find((door) => path === door.path || path === `${door.path}/`) ?? null,
  };
}
