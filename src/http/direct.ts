/**
 * The direct way for plain calls: POST, JSON, one operation. It skips the fetch API's Request and Response, which cost more
 * than the call itself, and runs the same authentication, limits, schema, masking and log. Whatever it is not sure about
 * goes to Yoga, as long as nothing has been executed.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type DocumentNode, type ExecutionResult, validate } from 'graphql';
import { type FetchAPI, processRegularResult } from 'graphql-yoga';
import { monotonicMs } from '../platform/clock.js';
import { createContext } from '../schema/context.js';
import { schema } from '../schema/index.js';
import { secretOf } from './authenticate.js';
import { DocumentCache } from './document-cache.js';
import { maskError } from './errors.js';
import { KnownDocument, type KnownOperation } from './known-document.js';
import { parseWithinLimits } from './limits.js';
import { keepOkStatus } from './partial-answer.js';
import { GRAPHQL_PATH } from './paths.js';
import type { RequestFacts } from './request-facts.js';
import type { OperationLog } from './request-log.js';
import { answerShed, SHED } from './shed.js';
import type { ServerOptions } from './yoga.js';

export interface DirectOptions extends Omit<ServerOptions, 'isReady'> {
  /** Answers everything else. */
  readonly yoga: RequestListener & { readonly fetchAPI: FetchAPI };
  readonly log: OperationLog;
}

/** A request that can take the direct way, by what its head says. */
interface PlainRequest {
  readonly secret: string;
  readonly mediaType: MediaType;
  readonly bytes: number;
}

/** What the body asks for, ready to be executed. */
interface PlainCall {
  readonly operation: KnownOperation;
  readonly variables: Readonly<Record<string, unknown>>;
}

type MediaType = 'application/json' | 'application/graphql-response+json';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** Handles requests of `node:http`, directly or through Yoga. */
export function createDirect(options: DirectOptions): RequestListener {
  const { config, authenticate, yoga, store, commands } = options;
  const documents = new DocumentCache<KnownDocument>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const plain = plainRequestOf(request, config.bodyBytesMax);
    if (plain === null) return passOn(request, response);
    const caller = await authenticate(plain.secret);
    if (caller === null) return passOn(request, response);
    const startedAt = monotonicMs();
    const body = await readBody(request, plain.bytes);
    const call = callOf(body, documents);
    if (call?.operation.isMutation === true && commands.isOverloaded()) {
      options.log(factsOf(call, startedAt), SHED, textOf(request.headers['x-request-id']));
      return answerShed(response, plain.mediaType);
    }
    const context = call === null ? null : createContext({ caller, store, commands });
    const result = context && (await call?.operation.run(context, call.variables));
    // Without data nothing has been executed, and Yoga says best what is wrong.
    if (!call || !result || !('data' in result)) {
      return passOn(Object.assign(request, { body: Readable.from([body]) }), response);
    }
    await answer(result, factsOf(call, startedAt), plain.mediaType, request, response);
  }

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    yoga(request, response);
  }

  async function answer(
    result: ExecutionResult,
    facts: RequestFacts,
    mediaType: MediaType,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { errors } = result;
    const masked = errors === undefined ? result : { ...result, errors: errors.map(maskError) };
    options.log(facts, masked, textOf(headers['x-request-id']));
    if (masked.errors === undefined) {
      const text = JSON.stringify(masked);
      response.writeHead(200, {
        'Content-Type': `${mediaType}; charset=utf-8`,
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
      return;
    }
    keepOkStatus(masked);
    // The rare case: how errors become a status and headers is Yoga's to say.
    const told = processRegularResult(masked, yoga.fetchAPI, mediaType);
    response.writeHead(told.status, Object.fromEntries(told.headers));
    response.end(await told.text());
  }

  return (request, response) => {
    handle(request, response).catch(() => {
      // Thrown before anything ran, such as by a database that does not know keys just now: Yoga tells.
      if (response.headersSent || request.destroyed) response.destroy();
      else passOn(request, response);
    });
  };
}

function factsOf({ operation: { name } }: PlainCall, startedAt: number): RequestFacts {
  return name === undefined ? { startedAt } : { startedAt, operation: name };
}

/** Node joins a header that was sent twice, but does not say so in the type. */
function textOf(header: string | string[] | undefined): string | null {
  return header === undefined ? null : String(header);
}

function plainRequestOf(request: IncomingMessage, bytesMax: number): PlainRequest | null {
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

/** The forms of `Accept` that clients send; all others are weighed by Yoga. */
function mediaTypeOf(accept: string | undefined): MediaType | null {
  if (accept === 'application/json') return 'application/json';
  return accept === GRAPHQL_RESPONSE ? GRAPHQL_RESPONSE : (WEIGHED.get(accept) ?? null);
}

const WEIGHED = new Map<string | undefined, MediaType>([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  [`${GRAPHQL_RESPONSE}, application/json`, GRAPHQL_RESPONSE],
  [`${GRAPHQL_RESPONSE},application/json;q=0.9`, GRAPHQL_RESPONSE],
]);

/** Node ends a body at its Content-Length, which has been found small enough. */
function readBody(request: IncomingMessage, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks, bytes)),
    );
    request.on('error', reject);
    // It closes after every request; an error is dear, and told only where it is one.
    request.on('close', () => {
      if (!request.complete) reject(new Error('The client went away.'));
    });
  });
}

const EMPTY = Buffer.alloc(0);

/** Null for anything but a valid call of one operation that answers once. */
function callOf(body: Buffer, documents: DocumentCache<KnownDocument>): PlainCall | null {
  const params = isUtf8(body) ? jsonOf(body.toString('utf8')) : null;
  if (params === null) return null;
  for (const name in params) if (!PARAMS.has(name)) return null;
  const { query, operationName = null, variables = null } = params;
  if (typeof query !== 'string') return null;
  if (operationName !== null && typeof operationName !== 'string') return null;
  if (!isRecord(variables ?? {})) return null;
  const document = documents.get(query) ?? validDocument(query, documents);
  const operation = document?.operation(operationName) ?? null;
  return operation && { operation, variables: isRecord(variables) ? variables : NO_VARIABLES };
}

const PARAMS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

const NO_VARIABLES = {};

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
