import type { Refusal } from '../domain/refusal.js';
import type { Store } from './store.js';
import type { Commands } from './write/command.js';

/** Who calls: the owner of one project's key. */
export interface Caller {
  readonly projectId: string;
}

/** What every verb gets first. */
export interface VerbContext {
  readonly caller: Caller;
  readonly store: Store;
  readonly commands: Commands;
}

/** A verb's answer: what it did, or a typed refusal. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function done<T>(value: T): Answer<T> {
  return { ok: true, value };
}

export function refuse<T>(refusal: Refusal): Answer<T> {
  return { ok: false, refusal };
}
