/** Protocol errors: one table from the cause to the message, the code and the HTTP status. */
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { UnavailableError } from '../domain/unavailable.js';
import { CustomerTokenError } from '../meter/access/customer-tokens.js';
import { ForbiddenError } from '../meter/access/forbidden.js';
import { shortened } from './echo.js';
import { placedAs } from './located.js';
import { GRAPHQL_PATH } from './paths.js';

/** What an error means for the answer over HTTP. */
export interface HttpFacts {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the GraphQL-over-HTTP specification demands status 200 for `application/json`. */
  readonly spec?: true;
}

interface ProtocolError extends HttpFacts {
  /** The code under which it is reported, if not its own. */
  readonly code?: string;
  readonly message: string;
  /** Whether the same call may succeed in a moment. */
  readonly retryable?: true;
}

const RETRY_AFTER_SECONDS = '1';
const unavailable = {
  status: 503,
  retryable: true,
  headers: { 'Retry-After': RETRY_AFTER_SECONDS },
} as const;

/** Whether a persisted query is known changes when it is registered. */
const NOT_CACHED = { 'Cache-Control': 'private, no-cache, must-revalidate' } as const;

const PROTOCOL_ERRORS = {
  UNAUTHENTICATED: {
    status: 401,
    message: 'Send a valid key in the header "Authorization: Bearer tg_sk_...".',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  CUSTOMER_TOKEN_INVALID: {
    status: 401,
    message:
      'The customer token cannot be used: it is missing, unreadable, expired, not valid yet, valid for more than an hour, ' +
      'or not signed with the token secret of the project. Send a new one in the header "Tollgate-Customer-Token".',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  FORBIDDEN: { status: 403, message: 'The key may not do this.' },
  GATEWAY_SIGNATURE_MISSING: {
    status: 403,
    message:
      'Only a gateway may send requests to this path, and must sign them: send the header "Tollgate-Signature", or the ' +
      'extension "hmac-signature" of Hive Gateway. Applications use /graphql.',
  },
  GATEWAY_SIGNATURE_INVALID: {
    status: 403,
    message:
      "The gateway's signature does not match the request. Check that both sides have the same secret, and that nothing " +
      'changes the body on its way.',
  },
  GATEWAY_SIGNATURE_EXPIRED: { status: 403, message: "The gateway's signature is too old." },
  BAD_REQUEST: { status: 400, message: 'The request cannot be read.' },
  NOT_FOUND: {
    status: 404,
    message: `Nothing is served under this path. The GraphQL endpoint is ${GRAPHQL_PATH}.`,
  },
  METHOD_NOT_ALLOWED: {
    code: 'BAD_REQUEST',
    status: 405,
    message: 'GraphQL only supports GET and POST requests.',
    headers: { Allow: 'GET, POST' },
  },
  UNSIGNED_METHOD: {
    code: 'BAD_REQUEST',
    status: 405,
    message: 'Only POST requests can be signed by a gateway.',
    headers: { Allow: 'POST' },
  },
  MUTATION_BY_GET: {
    code: 'BAD_REQUEST',
    status: 405,
    message: 'Can only perform a mutation operation from a POST request.',
    headers: { Allow: 'POST' },
  },
  NOT_ACCEPTABLE: {
    status: 406,
    message:
      'Send an Accept header that allows application/json or application/graphql-response+json.',
  },
  GRAPHQL_PARSE_FAILED: { status: 400, message: 'The document cannot be parsed.', spec: true },
  GRAPHQL_VALIDATION_FAILED: { status: 400, message: 'The document is not valid.', spec: true },
  OPERATION_RESOLUTION_FAILURE: {
    status: 400,
    message: 'Could not determine what operation to execute.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    // Clients that use the protocol look for this message, some of them only in an answer with status 200.
    status: 200,
    message: 'PersistedQueryNotSupported',
    headers: NOT_CACHED,
  },
  IDEMPOTENCY_KEY_INVALID: { status: 400, message: 'The idempotency key cannot be used.' },
  PERSISTED_QUERY_NOT_FOUND: {
    // Clients that find this message register the text; only with this status do all of them read it.
    status: 200,
    message: 'PersistedQueryNotFound',
    headers: NOT_CACHED,
  },
  PERSISTED_QUERY_MISMATCH: {
    status: 400,
    message:
      'The "sha256Hash" of "extensions.persistedQuery" is not the SHA-256 of the query, in lower-case hexadecimal digits.',
  },
  PERSISTED_DOCUMENT_NOT_FOUND: { status: 404, message: 'There is no document with this id.' },
  PERSISTED_DOCUMENT_ID_REQUIRED: {
    status: 403,
    message:
      'Only trusted documents are executed here, and this query is not one of them, character by character. Send the id of a ' +
      'trusted document as "documentId".',
  },
  BAD_USER_INPUT: { status: 400, message: 'The input is invalid.', spec: true },
  RESULT_TOO_LARGE: {
    status: 400,
    message:
      'The answer is larger than RESULT_BYTES_MAX allows. Ask for smaller pages or for fewer fields. ' +
      'What mutations have written is kept, and some may not have begun: repeat them with the same ' +
      'idempotencyKeys, and ask for less in their answers.',
    spec: true,
  },
  OPERATION_TIMEOUT: {
    status: 504,
    message:
      'The operation has exceeded OPERATION_TIMEOUT_MS. Ask for less at once. A write that a ' +
      'mutation had begun is completed: retry it with the same idempotencyKey to get its answer.',
  },
  CLIENT_CLOSED_REQUEST: { status: 499, message: 'The client has closed the connection.' },
  OPERATION_ENDED: { status: 500, message: 'The operation has been answered already.' },
  QUERY_TOO_COMPLEX: { status: 400, message: 'The operation is too complex.', spec: true },
  OPERATION_COST_EXCEEDED: { status: 400, message: 'The operation costs too much.', spec: true },
  COST_BUDGET_EXCEEDED: {
    status: 429,
    retryable: true,
    message: 'The budget of the key is used up.',
  },
  REQUEST_TOO_LARGE: { status: 413, message: 'The request body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message:
      'The body must be JSON, with the header "Content-Type: application/json", and not compressed.',
  },
  OVERLOADED: { ...unavailable, message: 'Too many calls are waiting.' },
  DATABASE_UNAVAILABLE: { ...unavailable, message: 'The database cannot be reached.' },
  DATABASE_TIMEOUT: { ...unavailable, message: 'The database did not finish in time.' },
  CUSTOMER_LOCKED: { ...unavailable, message: 'The customer is locked by another transaction.' },
  WRITE_CONTENTION: { ...unavailable, message: 'Other calls keep changing the same data.' },
  READS_OVERLOADED: { ...unavailable, message: 'Too many reads are waiting.' },
  READ_TIMEOUT: { status: 504, message: 'The read takes too long.' },
  OUTCOME_UNKNOWN: { ...unavailable, message: 'The outcome is unknown.' },
  RESULT_UNREADABLE: { status: 500, message: 'The stored result cannot be read.' },
  TIME_ZONE_UNKNOWN: { status: 500, message: 'The gateway does not know a time zone.' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Unexpected error.' },
} as const satisfies Record<string, ProtocolError>;

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** As answers have them. */
export const PROTOCOL_ERROR_CODES: ReadonlySet<string> = new Set(
  Object.entries(PROTOCOL_ERRORS).map(([name, error]) => ('code' in error ? error.code : name)),
);

/** Those for which the gateway, or what is behind it, is to blame. */
const FAULT_CODES: ReadonlySet<string> = new Set(
  Object.entries(PROTOCOL_ERRORS).flatMap(([code, { status }]) => (status >= 500 ? [code] : [])),
);

/** Whether the client could have done nothing about an error with this code. */
export function isFault(code: string): boolean {
  return FAULT_CODES.has(code);
}

/** The error with that code, and its own message if one is given. */
export function protocolError(
  code: ProtocolErrorCode,
  message?: string,
  located?: GraphQLError,
  more: GraphQLErrorExtensions = {},
): GraphQLError {
  const error: ProtocolError = PROTOCOL_ERRORS[code];
  const { status, headers, retryable, spec } = error;
  const http: HttpFacts = { status, ...(headers && { headers }), ...(spec && { spec }) };
  const extensions = { code: error.code ?? code, ...more, ...(retryable && { retryable }), http };
  return newError(message ?? error.message, extensions, located);
}

/** The error with facts for programs in its extensions. */
export function withFacts(error: GraphQLError, facts: GraphQLErrorExtensions): GraphQLError {
  Object.assign(error.extensions, facts);
  return error;
}

/** Every error that says what was sent is made here: strict parsers refuse half a character in an answer. */
function newError(
  message: string,
  extensions: GraphQLErrorExtensions,
  located: GraphQLError | undefined,
): GraphQLError {
  const path = located?.path ?? null;
  const error = new GraphQLError(message.toWellFormed(), { path, extensions });
  return located === undefined ? error : placedAs(located, error);
}

/** An error that graphql-js found in a document, with one of our codes if it has none yet. */
export function codedError(code: ProtocolErrorCode, error: GraphQLError): GraphQLError {
  return error.extensions['code'] === undefined
    ? protocolError(code, shortened(error.message), error)
    : error;
}

/** Undefined for an error that does not concern the answer as a whole. */
export function httpOf({ extensions }: GraphQLError): HttpFacts | undefined {
  const { http } = extensions;
  return isHttpFacts(http) ? http : undefined;
}

function isHttpFacts(http: unknown): http is HttpFacts {
  return typeof http === 'object' && http !== null && 'status' in http;
}

/**
 * The public form of an error. What graphql-js finds wrong with a request is reported unchanged; of
 * an unforeseen error, nothing is.
 */
export function maskError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = causeOf(error);
  if (cause instanceof UnavailableError) {
    return keepCause(protocolError(cause.code, cause.message, located), cause);
  }
  if (cause instanceof CustomerTokenError) {
    return keepCause(protocolError('CUSTOMER_TOKEN_INVALID'), cause);
  }
  if (cause instanceof ForbiddenError) {
    const { message, missingScopes } = cause;
    return protocolError('FORBIDDEN', message, located, { missingScopes });
  }
  if (located === undefined || !(cause instanceof GraphQLError)) {
    return keepCause(protocolError('INTERNAL_SERVER_ERROR', undefined, located), cause);
  }
  if (located.extensions['code'] !== undefined) return located;
  // A variable of the wrong type: nothing has run, and there is no data.
  if (located.path === undefined)
    return protocolError('BAD_USER_INPUT', shortened(located.message), located);
  return newError(shortened(located.message), { code: 'BAD_USER_INPUT' }, located);
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError
    ? causeOf(error.originalError)
    : error;
}

const causes = new WeakMap<GraphQLError, unknown>();

function keepCause(told: GraphQLError, cause: unknown): GraphQLError {
  causes.set(told, cause);
  return told;
}

/** What really happened, for the log; undefined if the answer says it. */
export function hiddenCause(error: GraphQLError): unknown {
  return causes.get(error);
}
