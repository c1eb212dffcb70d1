/** What can take the direct way: by its head, and by its body. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type DocumentNode, validate } from 'graphql';
import { schema } from '../schema/index.js';
import { isJsonObject } from '../schema/input/values.js';
import { secretOf } from './authenticate.js';
import type { DocumentCache } from './document-cache.js';
import { parseJson } from './json.js';
import { KnownDocument, type KnownOperation } from './known-document.js';
import { parseWithinLimits } from './limits.js';
import { GRAPHQL_PATH } from './paths.js';

/** A POST of JSON that fits, with a key, and with an `Accept` that leaves no doubt. */
export interface PlainRequest {
  readonly secret: string;
  readonly mediaType: MediaType;
  readonly bytes: number;
}

/** What the body asks for, ready to be executed. */
export interface PlainCall {
  readonly operation: KnownOperation;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type MediaType = 'application/json' | 'application/graphql-response+json';

export const CONTENT_TYPES: Readonly<Record<MediaType, string>> = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** Null for a request of any other form, which is Yoga's. */
export function plainRequestOf(request: IncomingMessage, bytesMax: number): PlainRequest | null {
  const { method, url, headers } = request;
  if (method !== 'POST' || url !== GRAPHQL_PATH) return null;
  const type = headers['content-type'];
  if (type !== 'application/json' && type !== 'application/json; charset=utf-8') return null;
  if (headers['content-encoding'] !== undefined) return null;
  const bytes = Number(headers['content-length']);
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > bytesMax) return null;
  const secret = secretOf(headers.authorization);
  const mediaType = mediaTypeOf(headers.accept);
  return secret === null || mediaType === null ? null : { secret, mediaType, bytes };
}

/** For the forms of `Accept` that clients send; null for all others, which Yoga weighs. */
export function mediaTypeOf(accept: string | undefined): MediaType | null {
  if (accept === 'application/json') return 'application/json';
  return accept === GRAPHQL_RESPONSE ? GRAPHQL_RESPONSE : (WEIGHED.get(accept) ?? null);
}

const WEIGHED = new Map<string | undefined, MediaType>([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  [`${GRAPHQL_RESPONSE}, application/json`, GRAPHQL_RESPONSE],
  [`${GRAPHQL_RESPONSE},application/json;q=0.9`, GRAPHQL_RESPONSE],
]);

/** Null for anything but a valid call of one operation that answers once. */
export function plainCallOf(
  body: Buffer,
  documents: DocumentCache<KnownDocument>,
): PlainCall | null {
  const params = isUtf8(body) ? jsonOf(body.toString('utf8')) : null;
  if (params === null) return null;
  for (const name in params) if (!PARAMS.has(name)) return null;
  const { query, operationName = null, variables = null } = params;
  if (typeof query !== 'string') return null;
  if (operationName !== null && typeof operationName !== 'string') return null;
  if (!isJsonObject(variables ?? {})) return null;
  const document = documents.get(query) ?? validDocument(query, documents);
  const operation = document?.operation(operationName) ?? null;
  return operation && { operation, variables: isJsonObject(variables) ? variables : NO_VARIABLES };
}

const PARAMS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

const NO_VARIABLES = {};

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function validDocument(query: string, documents: DocumentCache<KnownDocument>) {
  const document = parsed(query);
  if (document === null || validate(schema, document).length > 0) return null;
  const known = new KnownDocument(document);
  documents.set(query, known);
  return known;
}

function parsed(query: string): DocumentNode | null {
  try {
    return parseWithinLimits(query);
  } catch {
    return null;
  }
}
