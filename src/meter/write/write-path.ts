import type { Account } from '../../domain/account.js';
import type { Balance, LedgerEntry } from '../../domain/balance.js';
import type { Catalog } from '../../domain/feature.js';
import type { Hold } from '../../domain/hold.js';
import type { Fingerprint } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import type { Quantity } from '../../domain/quantity.js';
import type { UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope, Entity, EventOutcome, EventVoid, UsageEvent } from '../store.js';

export interface WritePath {
  /** The features of a project as they are now. */
  catalog(projectId: string): Promise<Catalog>;
  /** Without a lock: the state may have changed by the time it is used. None counts as locked elsewhere. */
  load(requests: readonly LoadRequest[]): Promise<Loaded>;
  /**
   * Commits, in one statement, each change whose guard holds, and skips the others entirely. A guard holds if the
   * customer is at the change's version and not locked elsewhere, the project's catalogue is at its version, none of
   * its idempotency keys is taken, and the database's clock is within its window. The customers of those that write
   * get the next version.
   */
  commit(changes: readonly AccountChange[], nextVersion: number): Promise<Committed>;
  /** One transaction where the customer is, about that one and others in the same place. An error thrown by `run` rolls it back. */
  transaction<T>(customerKey: string, run: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/** The write path with the customers' rows locked, in the order of their keys, until the transaction ends. */
export interface Transaction {
  /** Throws a `LockTimeoutError` if it has to wait for a lock for too long. */
  load(requests: readonly LoadRequest[], options: LoadOptions): Promise<Loaded>;
  commit(changes: readonly AccountChange[], nextVersion: number): Promise<Committed>;
  /** From now on, the customer is one that does not exist, to every gateway. */
  deleteCustomer(scope: CustomerScope, deletion: Deletion): Promise<void>;
}

/** What is left of a deleted customer in its row. */
export interface Deletion {
  /** Takes the place of the customer's id. */
  readonly id: string;
  /** Makes the ids that take the place of its entities', until all is erased. */
  readonly salt: string;
}

/** Whether it skips the customers that are locked elsewhere or waits for them. */
export type LoadOptions = { readonly skipLocked: boolean };

/** What a decision about one customer needs to know. */
export interface LoadRequest extends CustomerScope {
  readonly entityIds: readonly string[];
  readonly idempotencyKeys: readonly string[];
  /** Those of which the account needs all, even if they have ended. */
  readonly reservationIds?: readonly string[];
  /** Events that decisions are about; none by default. */
  readonly eventIds?: readonly string[];
  /** Balances that the account needs even if they have ended, by the ids of their rows. */
  readonly balanceIds?: readonly string[];
}

export interface Loaded {
  /** The database's clock, read with the locks held, in whole milliseconds. */
  readonly now: Instant;
  /** By customer key. A customer that does not exist is missing. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** By customer key, why an account cannot be read: a newer release has stored a part of it. */
  readonly unreadable?: ReadonlyMap<string, UnavailableError>;
  /** The keys of those that were skipped: their accounts must not be used for decisions. */
  readonly lockedElsewhere: ReadonlySet<string>;
  /** By customer key, then by idempotency key. */
  readonly storedResults: ReadonlyMap<string, ReadonlyMap<string, StoredResult>>;
  /** By customer key, then by id: the requested events that exist. */
  readonly events?: ReadonlyMap<string, ReadonlyMap<string, UsageEvent>>;
  /** By project id: the catalogue's version now. */
  readonly catalogVersions: ReadonlyMap<string, number>;
}

/** The first result given under an idempotency key. */
export interface StoredResult {
  /** Both as they were stored, by this release or another. */
  readonly fingerprint: unknown;
  readonly result: unknown;
  readonly recordedAt: Instant;
}

/** Everything that one commit changes for one customer, and what must still hold for it. */
export interface AccountChange extends CustomerScope {
  readonly version: number;
  readonly catalogVersion: number;
  /** The database's clock must not be before this; null for no bound. */
  readonly validFrom: Instant | null;
  /** The database's clock must be before this; null for no bound. */
  readonly validUntil: Instant | null;
  /** Whether anything is written; otherwise only the guard is checked. */
  readonly writes: boolean;
  readonly rows: Rows;
  /** The idempotency keys that the decision assumed to be unused, whether it uses them or not. */
  readonly keysUnused: readonly string[];
}

/** The kinds of rows that a commit writes. The store has a table of columns for each; nothing else looks at them. */
export interface RowKinds {
  readonly events: EventDraft;
  readonly entries: EntryDraft;
  /** The same, of corrections. */
  readonly notedEntries: NotedEntryDraft;
  readonly newBalances: Balance;
  /** Those of which only the usage has changed. */
  readonly usedBalances: Balance;
  readonly reshapedBalances: Balance;
  /** Those whose terms have changed, too. */
  readonly correctedBalances: Balance;
  readonly entities: EntityState;
  readonly eventVoids: EventVoidDraft;
  readonly storedResults: StoredResultDraft;
  /** Those after which something is reserved. */
  readonly heldEntries: EntryDraft;
  readonly newReservations: Hold;
  /** Those of captures. */
  readonly capturedEvents: CapturedEventDraft;
  readonly changedReservations: Hold;
}

/** Rows of any kind. */
export type Rows = { readonly [Kind in keyof RowKinds]?: readonly RowKinds[Kind][] };

export interface Committed {
  /** The database's clock at the commit: the `recordedAt` of all that was written. */
  readonly now: Instant;
  /** The customer keys whose guard held. */
  readonly customerKeys: ReadonlySet<string>;
}

/** What makes an event's id together with the time it occurred: see platform/id.ts. */
export interface EventRef {
  readonly tail: string;
  /** Null for the moment of the commit. */
  readonly occurredAt: Instant | null;
}

export interface EventDraft extends EventRef {
  readonly entityId: string | null;
  readonly featureId: string | null;
  readonly eventName: string | null;
  readonly value: Quantity;
  /** JSON text of an object. */
  readonly properties: string | null;
  readonly idempotencyKey: string | null;
  readonly outcome: EventOutcome;
}

export interface CapturedEventDraft extends EventDraft {
  readonly reservationId: string;
}

/** An event is undone at the moment of the commit. */
export interface EventVoidDraft extends Omit<EventVoid, 'voidedAt'> {
  readonly eventId: string;
}

export interface EntryDraft extends LedgerEntry {
  readonly event: EventRef | null;
}

/** Why a correction is made, and by whom, in the caller's words. */
export interface Note {
  readonly reason: string | null;
  readonly actor: string | null;
}

export interface NotedEntryDraft extends EntryDraft, Note {}

/** An entity as it is from now on; one that was deleted may come back under its old id. */
export interface EntityState extends Omit<Entity, keyof CustomerScope> {
  readonly deletedAt: Instant | null;
}

export interface StoredResultDraft {
  readonly idempotencyKey: string;
  readonly fingerprint: Fingerprint;
  /** JSON text. */
  readonly result: string;
}
