import type { Authenticate } from '../meter/access/authenticate.js';
import type { Caller } from '../meter/verb.js';
import { protocolError } from './errors.js';
import type { Incoming, Then } from './incoming.js';
import { whenKnown } from './when-known.js';

/** A header of its own, so that gateways can pass it on beside their own key. */
const CUSTOMER_TOKEN = 'tollgate-customer-token';

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Checks the key before anything of the request is read: without a valid one, not even an error
 * message reveals anything about the schema. All failures are answered with the same bytes.
 */
export function authenticateRequest(
  incoming: Incoming,
  authenticate: Authenticate,
  { next, fail }: Then<Caller>,
): void {
  const secret = BEARER.exec(incoming.header('authorization') ?? '')?.[1];
  if (secret === undefined) throw protocolError('UNAUTHENTICATED');
  whenKnown(() => authenticate(secret, incoming.header(CUSTOMER_TOKEN)), {
    next: (caller) => {
      if (caller === null) fail(protocolError('UNAUTHENTICATED'));
      else next(caller);
    },
    fail,
  });
}
