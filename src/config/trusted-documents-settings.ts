import { resolve } from 'node:path';
import { z } from 'zod';
import { about, oneOf } from './setting.js';

const MODES = ['off', 'allow', 'enforce'] as const;

/** Whether requests may name their documents by id, and whether they must. */
export type TrustedDocumentsMode = (typeof MODES)[number];

export interface TrustedDocumentsConfig {
  readonly trustedDocuments: TrustedDocumentsMode;
  /** A manifest, or a folder of manifests; null if there is none. */
  readonly trustedDocumentsFile: string | null;
}

export const trustedDocumentsSettings = {
  TRUSTED_DOCUMENTS: z
    .enum(MODES)
    .prefault('allow')
    .register(about, {
      default: 'allow',
      allowed: oneOf(MODES),
      meaning:
        'Whether a request may give the id of a document instead of its text: `allow` accepts both, and automatic ' +
        'persisted queries; `enforce` only executes documents in `TRUSTED_DOCUMENTS_FILE`; `off` needs the text.',
    }),
  TRUSTED_DOCUMENTS_FILE: z
    .string()
    .optional()
    .register(about, {
      default: '',
      allowed: 'a file, or a folder of `.json` files',
      meaning:
        'The manifest of trusted documents, as GraphQL Code Generator or Apollo write it, or a folder of manifests. ' +
        'It is read at the start.',
    }),
};

type Environment = {
  readonly TRUSTED_DOCUMENTS: TrustedDocumentsMode;
  readonly TRUSTED_DOCUMENTS_FILE?: string | undefined;
};

export function trustedDocumentsConfigOf(environment: Environment): TrustedDocumentsConfig {
  const { TRUSTED_DOCUMENTS: mode, TRUSTED_DOCUMENTS_FILE: file } = environment;
  return {
    trustedDocuments: mode,
    trustedDocumentsFile: file === undefined ? null : resolve(file),
  };
}

interface Given extends Environment {
  readonly GRAPHIQL?: 'on' | 'off' | undefined;
}

/** Why these settings cannot be used together; null if they can. */
export function trustedDocumentsMisfit(given: Given): string | null {
  if (given.TRUSTED_DOCUMENTS !== 'enforce') return null;
  if (given.TRUSTED_DOCUMENTS_FILE === undefined) {
    return (
      'TRUSTED_DOCUMENTS is enforce, but there are no trusted documents: set TRUSTED_DOCUMENTS_FILE to their manifest, ' +
      'or use allow.'
    );
  }
  if (given.GRAPHIQL !== 'on') return null;
  return (
    'GRAPHIQL is on, but TRUSTED_DOCUMENTS is enforce, so that GraphiQL could execute nothing: set GRAPHIQL to off, or ' +
    'TRUSTED_DOCUMENTS to allow.'
  );
}
