import { quickId } from '../platform/id.js';
import { mayBeSecret } from './may-be-secret.js';

/** The header by which a request has an id, on its way in and on every answer. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/**
 * Printable and short, so that it can be put into a log line, a header and a JSON text as it is: letters, digits and what ids of
 * proxies have besides. No e-mail address has this form, and no quote, space or line break.
 */
const WELL_FORMED = /^[\w.:/+=-]{1,128}$/;

/** The id that a client or a proxy has given to a request, if it can be used; otherwise a new one. */
export function requestIdOf(given: string | undefined): string {
  if (given === undefined) return quickId();
  return WELL_FORMED.test(given) && !mayBeSecret(given) ? given : quickId();
}
