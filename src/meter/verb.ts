import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import type { OnlyCustomer } from './access/only-customer.js';
import type { ScopeSet } from './access/scopes.js';
import type { ReadQueue } from './read/read-queue.js';
import type { Asker } from './read/waits.js';
import type { Store } from './store.js';
import type { WriteQueue } from './write/write-queue.js';

/** The caller: the owner of a project's key. */
export interface Caller {
  readonly projectId: string;
  /** The id of the key that was sent; none if the program itself calls. */
  readonly keyId?: string;
  readonly scopes: ScopeSet;
  /** When the key ends that was sent, and keys that it creates end at the latest; none for an admin key and the program itself. */
  readonly expiresAt?: Instant | null;
  /** Given by a customer token: nothing of any other customer can be seen or tracked. */
  readonly only?: OnlyCustomer;
}

/** The first argument of every verb that reads. */
export interface ReadContext {
  readonly caller: Caller;
  readonly readQueue: ReadQueue;
  readonly execution: Asker;
}

/** The first argument of every verb that writes. */
export interface VerbContext {
  readonly caller: Caller;
  readonly store: Store;
  readonly writeQueue: WriteQueue;
  /** The operation that the verb belongs to; none if the program itself calls. */
  readonly execution?: Asker;
}

/** What a verb did, or a typed refusal. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse<T>(refusal: Refusal): Result<T> {
  return { ok: false, refusal };
}
