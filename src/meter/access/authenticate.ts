import { timingSafeEqual } from 'node:crypto';
import { NO_PROJECT } from '../../domain/no-project.js';
import { UnavailableError } from '../../domain/unavailable.js';
import { createDeferred, type Deferred } from '../../platform/deferred.js';
import { sha256Hex } from '../../platform/digest.js';
import type { Caller } from '../verb.js';
import { CustomerTokenError, type ReadCustomerToken } from './customer-tokens.js';
import { type KeyKind, KIND_SCOPES, kindOf, needsToken } from './key-kinds.js';
import { type ApiKeys, isSecret, storedHashes, type ValidKey } from './keys.js';
import { narrowed } from './only-customer.js';
import { ADMIN_SCOPES, knownScopes, scopeSet } from './scopes.js';

export interface AuthenticatorOptions {
  readonly apiKeys: Pick<ApiKeys, 'valid'>;
  /** How long an answer is reused, and so how long a revoked key may still work. */
  readonly ttlMs: number;
  /** Cached answers: this many for valid keys, and as many for invalid ones. */
  readonly entriesMax: number;
  /** Without it, neither customer tokens nor publishable keys are accepted. */
  readonly readToken?: ReadCustomerToken;
  readonly monotonicMs: () => number;
}

/**
 * Returns the caller with this secret, synchronously if cached; null if there is none. A customer token restricts the caller
 * to that customer; one that cannot be used, and none with a key that needs one, fail with a `CustomerTokenError`.
 */
export type Authenticate = (
  secret: string,
  customerToken?: string,
) => Caller | null | Promise<Caller | null>;

interface Waiting extends Deferred<Caller | null> {
  /** Of one secret: those under which its key may be stored. */
  readonly hashes: readonly Buffer[];
}

/** Secrets in one statement. */
const BATCH_MAX = 1_000;

/** In the last part of its time, an answer that is still used is renewed, so that no valid call waits behind wrong keys. */
const RENEWED = 0.2;

/** Lookups that may wait for a statement; more of them means that someone is guessing keys. */
const WAITING_MAX = 10_000;

/**
 * Answers from memory if possible, so that a call normally costs no query. The others share one
 * query at a time, so a flood of wrong keys cannot exhaust the connections.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const callers = createCache<Caller>(options);
  const strangers = createCache<null>(options);
  let waiting = new Map<string, Waiting>();
  let inFlight = new Map<string, Waiting>();

  async function lookUp(): Promise<void> {
    while (waiting.size > 0) {
      const entries = [...waiting];
      inFlight = new Map(entries.slice(0, BATCH_MAX));
      waiting = new Map(entries.slice(BATCH_MAX));
      await lookUpBatch(inFlight);
      inFlight = new Map();
    }
  }

  async function lookUpBatch(batch: ReadonlyMap<string, Waiting>): Promise<void> {
    // Taken before the query, so that no answer is used longer than `ttlMs` after it was true.
    const until = options.monotonicMs() + options.ttlMs;
    try {
      const keys = await options.apiKeys.valid([...batch.values()].flatMap(({ hashes }) => hashes));
      for (const [digits, { hashes, resolve }] of batch) {
        const key = keys.find((key) => hashes.some((hash) => timingSafeEqual(key.hash, hash)));
        const caller = key === undefined ? null : callerOf(key);
        if (caller === null) {
          callers.delete(digits);
          strangers.set(digits, null, until);
        } else {
          callers.set(digits, caller, until);
        }
        resolve(caller);
      }
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    }
  }

  function ask(digits: string): Promise<Caller | null> {
    const asked = inFlight.get(digits) ?? waiting.get(digits);
    if (asked !== undefined) return asked.promise;
    const lookup = createDeferred<Caller | null>();
    waiting.set(digits, { hashes: storedHashes(digits), ...lookup });
    if (inFlight.size === 0) void lookUp();
    return lookup.promise;
  }

  function find(secret: string): Caller | null | Promise<Caller | null> {
    const digits = sha256Hex(secret);
    const known = callers.get(digits);
    if (known !== undefined) {
      // If this fails, the next one asks again.
      if (known.until - options.monotonicMs() < options.ttlMs * RENEWED) ask(digits).catch(ignore);
      return known.value;
    }
    if (strangers.get(digits) !== undefined) return null;
    const isAsked = inFlight.has(digits) || waiting.has(digits);
    if (!isAsked && waiting.size >= WAITING_MAX) throw new UnavailableError('OVERLOADED');
    return ask(digits);
  }

  async function findNarrowed(secret: string, token = ''): Promise<Caller | null> {
    const caller = await find(secret);
    if (caller === null) return null;
    const { projectId } = caller;
    const { readToken } = options;
    if (readToken === undefined) throw new CustomerTokenError('none is accepted', { projectId });
    const only = await readToken(projectId, token);
    return narrowed(withinKind(caller, kindOf(secret)), only);
  }

  return (secret, customerToken) => {
    if (!isSecret(secret)) return null;
    const isAlone = customerToken === undefined && !needsToken(kindOf(secret));
    return isAlone ? find(secret) : findNarrowed(secret, customerToken);
  };
}

/** Whatever the row of a publishable key says. */
function withinKind(caller: Caller, kind: KeyKind): Caller {
  return { ...caller, scopes: caller.scopes & scopeSet(KIND_SCOPES[kind]) };
}

function callerOf({ id, projectId, scopes, expiresAt }: ValidKey): Caller {
  return projectId === null
    ? { projectId: NO_PROJECT, keyId: id, scopes: ADMIN_SCOPES }
    : { projectId, keyId: id, scopes: knownScopes(scopes), expiresAt };
}

function ignore(): void {
  return;
}

interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

interface Cache<T> {
  /** Undefined if there is no answer, or none that is recent enough. */
  get(digits: string): Entry<T> | undefined;
  set(digits: string, value: T, until: number): void;
  delete(digits: string): void;
}

/** Keyed by the digest, so that memory contains no secrets. The oldest answer makes room for a new one. */
function createCache<T>({ entriesMax, monotonicMs }: AuthenticatorOptions): Cache<T> {
  const entries = new Map<string, Entry<T>>();
  return {
    get: (digits) => {
      const entry = entries.get(digits);
      return entry !== undefined && monotonicMs() < entry.until ? entry : undefined;
    },
    set: (digits, value, until) => {
      // Deleted first, because a key that is set again keeps its position in a Map.
      entries.delete(digits);
      for (const oldest of entries.keys()) {
        if (entries.size < entriesMax) break;
        entries.delete(oldest);
      }
      entries.set(digits, { value, until });
    },
    delete: (digits) => entries.delete(digits),
  };
}
