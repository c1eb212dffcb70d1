import type { Account } from '../domain/account.js';
import type { Balance, LedgerEntry } from '../domain/balance.js';
import type { Catalog } from '../domain/feature.js';
import type { Fingerprint } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import type { CustomerScope, EntityDraft, EventDraft } from './store.js';
import type { Answer } from './verb.js';

/** A write that is decided on one customer's account, in turn with all others on it. */
export interface Command<T> {
  readonly scope: CustomerScope;
  /** An entity that the decision depends on. */
  readonly entityId: string | null;
  readonly idempotency: { readonly key: string; readonly fingerprint: Fingerprint } | null;
  /** Roughly what it adds to a batch. */
  readonly bytes: number;
  /** Whether rows other than existing balances change, which the one-statement commit can't do. */
  readonly structural: boolean;
  /** Not-found and the like, which come before any look at idempotency. */
  refuse(facts: Facts): Refusal | null;
  /** Pure. `account` exists, because `refuse` has been asked. */
  decide(account: Account, facts: Facts): Decision<T>;
  /** The answer once it is committed; the same from a stored outcome as from the decision's. */
  answer(outcome: unknown, recordedAt: Instant, replayed: boolean): Answer<T>;
}

export interface Facts {
  /** Null where the customer does not exist. */
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
}

/** What a command changes, or that it changes nothing and why. */
export interface Decision<_T> {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  readonly event: EventDraft | null;
  readonly newBalances: readonly Balance[];
  readonly entity: EntityChange | null;
  /** What `answer` turns into the verb's answer, and what is stored under the idempotency key as JSON. */
  readonly outcome: unknown;
  /** Whether anything is written: false for a refusal, which is stored under its key all the same. */
  readonly writes: boolean;
}

export type EntityChange =
  | { readonly kind: 'SAVE'; readonly entity: EntityDraft }
  | { readonly kind: 'DELETE'; readonly entityId: string };

/** Takes commands, commits them in groups, and answers each once it is durable. */
export interface Commands {
  /** Throws `UnavailableError` where the command could not be decided. */
  submit<T>(command: Command<T>): Promise<Answer<T>>;
  /** Resolves once everything submitted has been answered. */
  drain(): Promise<void>;
}
