/**
 * Cross-origin resource sharing: which pages of other origins may call the gateway from a browser.
 * Without CORS_ORIGINS none of this runs, and no answer has its headers.
 */
import type { Incoming, Reply } from './incoming.js';
import { isGraphqlPath } from './paths.js';
import type { Pipeline } from './pipeline.js';

/** The pipeline, with the headers that let pages of these origins read each of its answers. */
export function withCors(pipeline: Pipeline, origins: readonly string[] | null): Pipeline {
  if (origins === null) return pipeline;
  const allowed = allowedOrigins(origins);
  return {
    ...pipeline,
    admit(incoming) {
      // Browsers send no key with it, and it requests nothing that could cause load.
      if (isPreflight(incoming)) return preflightReply(allowed(incoming));
      const refusal = pipeline.admit(incoming);
      return refusal === null ? null : readable(refusal, allowed(incoming));
    },
    answer(incoming, then) {
      pipeline.answer(incoming, {
        next: (reply) => then.next(readable(reply, allowed(incoming))),
        fail: (error) => then.fail(error),
      });
    },
  };
}

/** The headers that say what the page that sent the request may do; null for none. */
function allowedOrigins(origins: readonly string[]): (incoming: Incoming) => string | null {
  if (origins.includes('*')) return () => '*';
  const known = new Set(origins);
  return (incoming) => {
    const origin = incoming.header('origin');
    return origin !== undefined && known.has(origin) ? origin : null;
  };
}

function isPreflight(incoming: Incoming): boolean {
  return (
    incoming.method === 'OPTIONS' &&
    isGraphqlPath(incoming.path) &&
    incoming.header('origin') !== undefined &&
    incoming.header('access-control-request-method') !== undefined
  );
}

/** What pages may send: the headers of this API, and those that GraphQL clients add automatically. */
const ALLOWED_HEADERS = [
  'accept',
  'apollo-require-preflight',
  'tollgate-customer-token',
  'apollographql-client-name',
  'apollographql-client-version',
  'authorization',
  'baggage',
  'content-type',
  'graphql-client-name',
  'graphql-client-version',
  'graphql-require-preflight',
  'idempotency-key',
  'tollgate-cost',
  'traceparent',
  'tracestate',
  'x-apollo-operation-id',
  'x-apollo-operation-name',
  'x-graphql-client-name',
  'x-graphql-client-version',
  'x-request-id',
  'x-requested-with',
].join(', ');

/** What pages may read, in addition to what they always may. */
const EXPOSED_HEADERS = 'Idempotency-Replayed, Retry-After, X-Request-Id';

/** A day; browsers apply shorter limits of their own. */
const PREFLIGHT_SECONDS = 86_400;

function preflightReply(origin: string | null): Reply {
  return {
    status: 204,
    headers: {
      Vary: 'Origin',
      ...(origin !== null && {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': 'GET, POST',
        'Access-Control-Allow-Headers': ALLOWED_HEADERS,
        'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
      }),
    },
    body: '',
  };
}

/** The answer depends on the origin even if it allows none, and caches must know. */
function readable({ status, headers, body }: Reply, origin: string | null): Reply {
  return {
    status,
    headers: {
      ...headers,
      Vary: headers['Vary'] === undefined ? 'Origin' : `${headers['Vary']}, Origin`,
      ...(origin !== null && {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': EXPOSED_HEADERS,
      }),
    },
    body,
  };
}
