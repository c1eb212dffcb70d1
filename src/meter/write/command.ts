import type { Account } from '../../domain/account.js';
import type { Balance, LedgerEntry } from '../../domain/balance.js';
import type { Catalog } from '../../domain/feature.js';
import type { Fingerprint } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import type { Refusal } from '../../domain/refusal.js';
import type { CustomerScope, EntityDraft } from '../store.js';
import type { Answer } from '../verb.js';
import type { EventDraft } from './write-path.js';

/** A write that is decided on one customer's account, in turn with all others on it. */
export interface Command<T> {
  readonly scope: CustomerScope;
  /** An entity that the decision depends on. */
  readonly entityId: string | null;
  readonly idempotency: { readonly key: string; readonly fingerprint: Fingerprint } | null;
  /** An instant at which the decision turns, besides those of the account; null for none. */
  readonly turnsAt: Instant | null;
  /** Roughly what it adds to a batch. */
  readonly bytes: number;
  /** Whether it may change rows other than existing balances, which the one-statement commit can't do. */
  readonly structural: boolean;
  /** The refusals that come before any look at idempotency. Pure. */
  refuse(facts: Facts): Refusal | null;
  /** Pure. Asked only where `refuse` had nothing to say, so the account exists. */
  decide(account: Account, facts: Facts): Decision<T>;
  /** The answer again, from the JSON that the decision stored under the key. */
  replay(outcome: unknown, recordedAt: Instant): Answer<T>;
}

export interface Facts {
  /** Null where the customer does not exist. */
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
}

/** What a command changes and what it answers once that is committed. */
export interface Decision<T> {
  readonly changes: Changes | null;
  /** What is stored under the idempotency key. */
  outcome(): string;
  answer(recordedAt: Instant): Answer<T>;
}

/** What a command writes. A refusal has none, but is remembered under its key all the same (R17). */
export interface Changes {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  readonly event: EventDraft | null;
  readonly newBalances: readonly Balance[];
  readonly entity: EntityChange | null;
}

export type EntityChange =
  | { readonly kind: 'SAVE'; readonly entity: EntityDraft }
  | { readonly kind: 'DELETE'; readonly entityId: string };

/** Takes commands, commits them in groups, and answers each once it is durable. */
export interface Commands {
  /** Rejects with an `UnavailableError` where the command could not be decided. */
  submit<T>(command: Command<T>): Promise<Answer<T>>;
  /** Whether no command would be taken just now. */
  isOverloaded(): boolean;
  /** Resolves once everything submitted has been answered. */
  drain(): Promise<void>;
}
