/** Customer tokens: what a project's server signs for one of its customers, for a short time. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { sha256Hex } from '../../platform/digest.js';
import { customerScope } from '../customer-key.js';
import { createAnswers } from './answers.js';
import type { OnlyCustomer } from './only-customer.js';
import type { TokenSecrets } from './token-secrets.js';

/** One for all of them: what is wrong with a token is not said to those who may be forging one. */
export class CustomerTokenError extends Error {
  override readonly name = 'CustomerTokenError';
}

/** How long a token may be valid, from when it is used or says that it was issued. */
export const TOKEN_LIFETIME_MAX_S = 3_600;

/** By how much the clocks of the two servers may differ. */
const CLOCK_SKEW_MAX_S = 30;

/** Longer than any with an id of a customer and one of an entity. */
const TOKEN_CHARS_MAX = 2_048;

/** Of a customer or an entity. */
const ID = /^[!-~]{1,255}$/;

export interface CustomerTokenOptions {
  readonly tokenSecrets: Pick<TokenSecrets, 'valid'>;
  /** How long an answer is reused, and so how long a token may still work whose secret has been replaced. */
  readonly ttlMs: number;
  readonly entriesMax: number;
  readonly monotonicMs: () => number;
  readonly wallClockMs: () => number;
}

/** The customer that a token of the project is for; fails with a `CustomerTokenError` otherwise. */
export type ReadCustomerToken = (projectId: string, token: string) => Promise<OnlyCustomer>;

interface ReadSecrets {
  readonly askedAt: number;
  readonly keys: readonly KeyObject[];
}

interface Read extends OnlyCustomer {
  readonly expiresAtS: number;
}

export function createCustomerTokens(options: CustomerTokenOptions): ReadCustomerToken {
  const { tokenSecrets, monotonicMs, wallClockMs } = options;
  const secrets = createAnswers<ReadSecrets>(options);
  const tokens = createAnswers<Read>(options);

  const secretsOf = (projectId: string) =>
    secrets.get(projectId, async () => {
      const askedAt = monotonicMs();
      const valid = await tokenSecrets.valid(projectId);
      return { askedAt, keys: valid.map((secret) => createSecretKey(Buffer.from(secret))) };
    });

  async function read(projectId: string, token: string, { keys }: ReadSecrets): Promise<Read> {
    const nowMs = wallClockMs();
    for (const secret of keys) {
      const payload = await payloadOf(token, secret, nowMs);
      if (payload !== null) return readOf(projectId, payload, nowMs / 1_000);
    }
    throw new CustomerTokenError('no secret of the project has signed the token');
  }

  return async (projectId, token) => {
    if (token.length > TOKEN_CHARS_MAX) throw new CustomerTokenError('the token is too long');
    const current = await secretsOf(projectId);
    // By its digest, so that memory contains no tokens. What was checked with secrets that have been read again since is checked again.
    const known = await tokens.get(`${projectId} ${current.askedAt} ${sha256Hex(token)}`, () =>
      read(projectId, token, current),
    );
    if (wallClockMs() / 1_000 >= known.expiresAtS + CLOCK_SKEW_MAX_S) {
      throw new CustomerTokenError('the token has expired');
    }
    return known;
  };
}

/** Null if another secret has signed it. The algorithm is not the token's choice. */
async function payloadOf(
  token: string,
  secret: KeyObject,
  nowMs: number,
): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      clockTolerance: CLOCK_SKEW_MAX_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return null;
    throw new CustomerTokenError('the token cannot be read', { cause: error });
  }
}

function readOf(projectId: string, payload: JWTPayload, nowS: number): Read {
  const { exp, iat, customer, entity } = payload;
  if (typeof exp !== 'number') throw new CustomerTokenError('the token does not expire');
  if (iat !== undefined && !(typeof iat === 'number' && iat <= nowS + CLOCK_SKEW_MAX_S)) {
    throw new CustomerTokenError('the token is from the future');
  }
  const lifetimeS = exp - (iat ?? nowS + CLOCK_SKEW_MAX_S);
  if (lifetimeS > TOKEN_LIFETIME_MAX_S) throw new CustomerTokenError('the token lives too long');
  if (!isId(customer)) throw new CustomerTokenError('the token names no customer');
  // A mistake must not make the token of an entity one of its whole customer.
  if (!(entity === undefined || isId(entity)) || 'entityId' in payload) {
    throw new CustomerTokenError('the token names no entity');
  }
  const { customerKey } = customerScope(projectId, customer);
  return { customerId: customer, customerKey, entityId: entity ?? null, expiresAtS: exp };
}

function isId(claim: unknown): claim is string {
  return typeof claim === 'string' && ID.test(claim);
}
