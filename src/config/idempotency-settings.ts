import { z } from 'zod';
import { about } from './setting.js';

export interface IdempotencyConfig {
  /** The header, in lower case, whose value is a request's key if it has no Idempotency-Key; null for none. */
  readonly idempotencyFallbackHeader: string | null;
}

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** The headers of Tollgate: a token is secret, the others say how a request is to be treated, not which one it is. */
const OWN = 'tollgate-';

/** Keys are stored and shown, so they must not be secret; and what all requests have in common identifies none. */
const UNFIT = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'origin',
  'proxy-authorization',
  'referer',
  'user-agent',
]);

export const idempotencySettings = {
  IDEMPOTENCY_FALLBACK_HEADER: z
    .string()
    .toLowerCase()
    .refine((name) => HEADER_NAME.test(name) && !UNFIT.has(name) && !name.startsWith(OWN))
    .optional()
    .register(about, {
      default: '',
      allowed: 'the name of a header that differs for each request, such as `x-request-id`',
      meaning:
        'The header whose value is the idempotency key of a request that has no `Idempotency-Key`. Set it if ' +
        'something in front of Tollgate sends the same value with each attempt of a request, and never with another one.',
    }),
};

export function idempotencyConfigOf(environment: {
  readonly IDEMPOTENCY_FALLBACK_HEADER?: string | undefined;
}): IdempotencyConfig {
  return { idempotencyFallbackHeader: environment.IDEMPOTENCY_FALLBACK_HEADER ?? null };
}
