import type { Plugin } from 'graphql-yoga';
import type { Authenticate } from '../meter/access/authenticate.js';
import { protocolError } from './errors.js';
import type { RequestFacts } from './request-facts.js';

/** The secret of an Authorization header; null where it holds none. */
export function secretOf(authorization: string | null | undefined): string | null {
  return BEARER.exec(authorization ?? '')?.[1] ?? null;
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Looks at the key before anything of the request is parsed: without a good one not even an error
 * message tells of the schema. All failures are answered with the same bytes.
 */
export function useAuthentication(authenticate: Authenticate): Plugin<object, RequestFacts> {
  return {
    async onRequestParse({ request, serverContext }) {
      const secret = secretOf(request.headers.get('authorization'));
      const caller = secret === null ? null : await authenticate(secret);
      if (caller === null) throw protocolError('UNAUTHENTICATED');
      serverContext.caller = caller;
    },
  };
}
