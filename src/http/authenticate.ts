import type { Plugin } from 'graphql-yoga';
import type { Authenticate } from '../meter/authenticate.js';
import { protocolError } from './errors.js';
import type { RequestFacts } from './request-facts.js';

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Looks at the key before anything of the request is parsed: without a good one not even an error
 * message tells of the schema. All failures are answered with the same bytes.
 */
export function useAuthentication(authenticate: Authenticate): Plugin<object, RequestFacts> {
  return {
    async onRequestParse({ request, serverContext }) {
      const secret = BEARER.exec(request.headers.get('authorization') ?? '')?.[1];
      const caller = secret === undefined ? null : await authenticate(secret);
      if (caller === null) throw protocolError('UNAUTHENTICATED');
      serverContext.caller = caller;
    },
  };
}
