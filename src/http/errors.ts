/** Protocol errors: one table from the cause to the message, the code and the HTTP status. */
import { GraphQLError } from 'graphql';
import { UnavailableError } from '../domain/unavailable.js';

interface ProtocolError {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the same call may succeed in a moment. */
  readonly retryable?: true;
  /** Whether `application/json` gets a 200 with it, by the GraphQL-over-HTTP specification. */
  readonly spec?: true;
}

const RETRY_AFTER_SECONDS = '1';
const unavailable = {
  status: 503,
  retryable: true,
  headers: { 'Retry-After': RETRY_AFTER_SECONDS },
} as const;

const PROTOCOL_ERRORS = {
  UNAUTHENTICATED: {
    status: 401,
    message: 'A valid key is needed, in a header "Authorization: Bearer tg_sk_...".',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  BAD_REQUEST: { status: 400, message: 'The request can not be read.' },
  BAD_USER_INPUT: { status: 400, message: 'The input is invalid.', spec: true },
  QUERY_TOO_COMPLEX: { status: 400, message: 'The query is too complex.', spec: true },
  REQUEST_TOO_LARGE: { status: 413, message: 'The request body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'Send application/json or application/graphql, neither compressed nor as a form.',
  },
  OVERLOADED: { ...unavailable, message: 'Too many calls are waiting.' },
  DATABASE_UNAVAILABLE: { ...unavailable, message: 'The database can not be reached.' },
  OUTCOME_UNKNOWN: { ...unavailable, message: 'The outcome is unknown.' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Unexpected error.' },
} as const satisfies Record<string, ProtocolError>;

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** The error of that code, with a message of its own where one is given. */
export function protocolError(
  code: ProtocolErrorCode,
  message?: string,
  located?: GraphQLError,
): GraphQLError {
  const error: ProtocolError = PROTOCOL_ERRORS[code];
  const { status, headers, retryable, spec } = error;
  return new GraphQLError(message ?? error.message, {
    nodes: located?.nodes ?? null,
    path: located?.path ?? null,
    extensions: {
      code,
      ...(retryable && { retryable }),
      http: { status, ...(headers && { headers }), ...(spec && { spec }) },
    },
  });
}

/**
 * What is told of an error. What GraphQL itself finds wrong with a request is told as it is; of
 * what nobody foresaw, nothing is.
 */
export function maskError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = causeOf(error);
  if (cause instanceof UnavailableError) {
    return keepCause(protocolError(cause.code, cause.message, located), cause);
  }
  if (located === undefined || !(cause instanceof GraphQLError)) {
    return keepCause(protocolError('INTERNAL_SERVER_ERROR', undefined, located), cause);
  }
  if (located.extensions['code'] !== undefined) return located;
  // A variable that does not fit its type: nothing has run, and there is no data.
  if (located.path === undefined) return protocolError('BAD_USER_INPUT', located.message, located);
  return new GraphQLError(located.message, {
    nodes: located.nodes ?? null,
    path: located.path,
    extensions: { code: 'BAD_USER_INPUT' },
  });
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

/** What really happened, for the log; undefined where it was told. */
export function hiddenCause(error: GraphQLError): unknown {
  return causes.get(error);
}
