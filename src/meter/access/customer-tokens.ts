/** Customer tokens: what a project's server signs for one of its customers, for a short time. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { sha256Hex } from '../../platform/digest.js';
import { customerScope } from '../customer-key.js';
import { createAnswers } from './answers.js';
import type { OnlyCustomer } from './only-customer.js';
import type { TokenSecrets } from './token-secrets.js';
import { signerOf } from './token-signature.js';

/**
 * One for all of them: what is wrong with a token is not said to those who may be forging one. The message is for the log, and
 * one of a few: it contains nothing of the token.
 */
export class CustomerTokenError extends Error {
  override readonly name = 'CustomerTokenError';
  /** Of the key that was sent. */
  readonly projectId: string;

  constructor(reason: string, { projectId, ...options }: ErrorOptions & { projectId: string }) {
    super(reason, options);
    this.projectId = projectId;
  }
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
  readonly tokenSecrets: Pick<TokenSecrets, 'valid' | 'isDeleted'>;
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

  /** Throws at once for a token that is not signed, which therefore takes no place among those that are. */
  function read(projectId: string, token: string, { keys }: ReadSecrets): Promise<Read> {
    if (keys.length === 0)
      throw new CustomerTokenError('the project has no token secret', { projectId });
    const signer = signerOf(token, keys);
    if (signer.kind === 'MALFORMED')
      throw new CustomerTokenError('it is no signed token', { projectId });
    if (signer.kind === 'NONE') {
      throw new CustomerTokenError('no token secret of the project has signed it', { projectId });
    }
    return readSigned({ projectId, token, secret: signer.secret });
  }

  async function readSigned(signed: Omit<Signed, 'nowMs'>): Promise<Read> {
    const nowMs = wallClockMs();
    const { projectId } = signed;
    const read = readOf(projectId, await payloadOf({ ...signed, nowMs }), nowMs / 1_000);
    // One that has yet to be created is none of the token's concern.
    if (await tokenSecrets.isDeleted({ projectId, customerKey: read.customerKey })) {
      throw new CustomerTokenError('its customer has been deleted', { projectId });
    }
    return read;
  }

  return async (projectId, token) => {
    if (token === '') throw new CustomerTokenError('there is none', { projectId });
    if (token.length > TOKEN_CHARS_MAX)
      throw new CustomerTokenError('it is too long', { projectId });
    const current = await secretsOf(projectId);
    // By its digest, so that memory contains no tokens. What was checked with secrets that have been read again since is checked again.
    const known = await tokens.get(`${projectId} ${current.askedAt} ${sha256Hex(token)}`, () =>
      read(projectId, token, current),
    );
    if (wallClockMs() / 1_000 >= known.expiresAtS + CLOCK_SKEW_MAX_S) {
      throw new CustomerTokenError('it has expired', { projectId });
    }
    return known;
  };
}

interface Signed {
  readonly projectId: string;
  readonly token: string;
  readonly secret: KeyObject;
  readonly nowMs: number;
}

/** The claims of a token that is signed with this secret. The algorithm is not the token's choice. */
async function payloadOf({ projectId, token, secret, nowMs }: Signed): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      clockTolerance: CLOCK_SKEW_MAX_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    throw new CustomerTokenError(whyUnreadable(error), { projectId, cause: error });
  }
}

/** The messages of the library may quote the token. */
function whyUnreadable(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its alg is not HS256';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const isEarly = error.claim === 'nbf' && error.reason === 'check_failed';
    return isEarly ? 'it is not valid yet' : 'its exp, nbf or iat is no number';
  }
  return 'its header or claims cannot be read';
}

function readOf(projectId: string, payload: JWTPayload, nowS: number): Read {
  const { exp, iat, customer, entity } = payload;
  if (typeof exp !== 'number') throw new CustomerTokenError('it has no exp', { projectId });
  if (iat !== undefined && !(typeof iat === 'number' && iat <= nowS + CLOCK_SKEW_MAX_S)) {
    throw new CustomerTokenError('its iat is in the future', { projectId });
  }
  const lifetimeS = exp - (iat ?? nowS + CLOCK_SKEW_MAX_S);
  if (lifetimeS > TOKEN_LIFETIME_MAX_S) {
    throw new CustomerTokenError('it is valid for more than an hour', { projectId });
  }
  if (!isId(customer))
    throw new CustomerTokenError('its customer is missing or no id', { projectId });
  // A mistake must not make the token of an entity one of its whole customer.
  if (!(entity === undefined || isId(entity)) || 'entityId' in payload) {
    throw new CustomerTokenError('its entity is no id', { projectId });
  }
  const { customerKey } = customerScope(projectId, customer);
  return { customerId: customer, customerKey, entityId: entity ?? null, expiresAtS: exp };
}

function isId(claim: unknown): claim is string {
  return typeof claim === 'string' && ID.test(claim);
}
