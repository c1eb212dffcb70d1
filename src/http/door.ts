/** Entrances to the pipeline: each serves a schema under a path, and all else is the same for all. */
import type { GraphQLSchema } from 'graphql';
import type { OperationBounds } from '../config/operation-bounds.js';
import type { TrustedDocumentsConfig } from '../config/trusted-documents-settings.js';
import { Documents } from './document.js';
import type { GatewaySignatures } from './gateway-signature.js';
import { SchemaResults } from './introspection.js';
import type { OperationFigures } from './operation-figures.js';
import { GRAPHQL_PATH, SUBGRAPH_PATH } from './paths.js';
import { DocumentIds, type DocumentIdsOptions } from './trusted/document-ids.js';
import { type Manifest, NO_MANIFEST } from './trusted/manifest.js';
import { prepareTrusted } from './trusted/prepare.js';
import { RegisteredQueries } from './trusted/registered-queries.js';

export interface Door {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly documentIds: DocumentIds;
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
  readonly config: Pick<OperationBounds, 'operationFieldsMax' | 'operationCostMax'> &
    Pick<TrustedDocumentsConfig, 'trustedDocuments'>;
  /** For applications and people. */
  readonly schema: GraphQLSchema;
  /** For gateways; null if there is none. */
  readonly subgraph: GraphQLSchema | null;
  readonly subgraphSignatures: GatewaySignatures | null;
  /** Of documents that applications send; gateways write theirs while they run. */
  readonly manifest: Manifest;
  readonly figures: OperationFigures;
}

export function createDoors(options: DoorsOptions): Doors {
  const { config, schema, subgraph, subgraphSignatures, manifest, figures } = options;
  const { operationFieldsMax, operationCostMax, trustedDocuments: mode } = config;
  const bounds = { operationFieldsMax, operationCostMax };
  const registered = new RegisteredQueries();
  const open = (
    path: string,
    served: GraphQLSchema,
    trusted: Trusted,
  ): Omit<Door, 'signatures'> => {
    const documents = new Documents({ ...bounds, schema: served, name: path, figures });
    prepareTrusted(documents, trusted.manifest);
    return {
      path,
      schema: served,
      documents,
      documentIds: new DocumentIds({ ...trusted, registered }),
      schemaResults: new SchemaResults(path),
      isTraced: path === SUBGRAPH_PATH,
    };
  };
  const doors: Door[] = [{ ...open(GRAPHQL_PATH, schema, { mode, manifest }), signatures: null }];
  if (subgraph !== null) {
    const any = { mode: mode === 'off' ? mode : 'allow', manifest: NO_MANIFEST } as const;
    doors.push({ ...open(SUBGRAPH_PATH, subgraph, any), signatures: subgraphSignatures });
  }
  return {
    at: (path) => doors.find((door) => path === door.path || path === `${door.path}/`) ?? null,
  };
}

type Trusted = Omit<DocumentIdsOptions, 'registered'>;
