import type { Account } from '../../domain/account.js';
import type { Catalog } from '../../domain/feature.js';
import type { Fingerprint } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import type { Refusal, RepeatedBy } from '../../domain/refusal.js';
import { neighbourLost, UnavailableError } from '../../domain/unavailable.js';
import { createDeferred, type Deferred } from '../../platform/deferred.js';
import type { ToldCommand } from '../neighbours/neighbour.js';
import type { CustomerScope, UsageEvent } from '../store.js';
import type { Result } from '../verb.js';
import type { Carried } from './carrying-batch.js';
import type { Due } from './due.js';
import type { EventVoidDraft, Rows } from './write-path.js';

const NO_EVENTS: readonly string[] = [];

/**
 * A write that is decided on one customer's account, in turn with all others on it, together with the promise of its
 * result. The verb says what it needs and how it decides; the write queue does the rest.
 */
export abstract class Command<T> {
  abstract readonly scope: CustomerScope;
  /** Its approximate share of a batch. */
  abstract readonly bytes: number;
  /** An entity that the decision depends on. */
  readonly entityId: string | null = null;
  /** A reservation that the decision depends on, live or ended. */
  readonly reservationId: string | null = null;
  /** The events of the customer that the decision is about. */
  readonly eventIds: readonly string[] = NO_EVENTS;
  /** A balance that the decision depends on even if it has ended, by the id of its row. */
  readonly balanceId: string | null = null;
  readonly idempotency: Idempotency | null = null;
  /** An instant at which the decision changes, besides those of the account; null for none. */
  readonly decisionChangesAt: Instant | null = null;
  /** A second one, later than the first. */
  readonly decisionEndsAt: Instant | null = null;
  /** Whether it is decided under the customer's lock, by the clock that is read there, because it dates what it makes. */
  readonly underLock: boolean = false;
  /**
   * Whether it fails, with a `LockTimeoutError`, if the customer is locked or changes meanwhile, instead of making the calls of its batch wait,
   * and leaves the cache as full as it was. For what the gateway does by itself.
   */
  readonly givesWay: boolean = false;

  /** How often its decision goes through the balances of the account. The catalogue is undefined if it is not cached. */
  passes(_catalog: () => Catalog | undefined): number {
    return 1;
  }

  /** Who is told which batch carries it; null for none. */
  submitter: Carried | null = null;

  /** Whether another gateway may have carried it out, although it did not say so. */
  mayBeDone = false;

  readonly #completion: Deferred<Result<T>> = createDeferred();

  /**
   * The input that a fingerprint of this verb stands for, by the names of the input's fields and with the defaults of
   * those that were omitted, so that calls that mean the same are the same. Pure.
   */
  inputOf(fingerprint: Fingerprint, _catalog: Catalog): Fingerprint {
    return fingerprint;
  }

  /** The refusals that precede idempotency. Pure. */
  abstract refuse(facts: Facts): Refusal | null;
  /**
   * Pure, and called again if a decision could not be committed. Called only if `refuse` returned nothing, so the
   * account exists.
   */
  abstract decide(account: Account, facts: Facts): Decision<T>;
  /** Restores the first result from the JSON that the decision stored under the key, or from the event that it is about. */
  abstract replay(storedResult: unknown, recordedAt: Instant, facts: Facts): Result<T>;

  /** What another gateway needs to decide it; null if only this one can. */
  told(): ToldCommand | null {
    return null;
  }

  /** Restores the result that another gateway has given, from the JSON that is stored under a key. Only of those that are told. */
  again(_storedResult: unknown, _recordedAt: Instant, _replayed: boolean): Result<T> {
    throw new Error('a command that is not told has no result of another gateway');
  }

  /** Settles once the command is committed or refused, or has failed. */
  get result(): Promise<Result<T>> {
    return this.#completion.promise;
  }

  /**
   * Completes with the result that is created here. By now everything is committed: a failure to create it affects this caller alone, and
   * must not undo or repeat anything.
   */
  complete(makeResult: () => Result<T>): void {
    try {
      this.#completion.resolve(makeResult());
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    // Such an error says that nothing was done, and of this attempt that is true.
    const isUnknown = this.mayBeDone && error instanceof UnavailableError;
    this.#completion.reject(isUnknown ? neighbourLost(error) : error);
  }
}

export interface Idempotency {
  /** As it is stored. */
  readonly key: string;
  /** As the call gave it, if it is stored under another text. */
  readonly given?: string;
  /** The field that gave it, unless it is `idempotencyKey`. */
  readonly by?: RepeatedBy;
  readonly fingerprint: Fingerprint;
}

export interface Facts {
  /** Null if the customer does not exist. */
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
  /** What has come due by itself, and is in the account, but was not on record before this batch; null for nothing. */
  readonly due: Due | null;
  /** By id, those that the commands are about, as far as they exist. */
  readonly events: Pick<ReadonlyMap<string, KnownEvent>, 'has' | 'get'>;
}

export interface KnownEvent {
  readonly event: UsageEvent;
  /** What undoes it at the moment of the commit, by an earlier command of the batch. */
  readonly voiding: EventVoidDraft | null;
}

/** What a command changes, and its result once that is committed. */
export interface Decision<T> {
  readonly changes: Changes | null;
  /** JSON text of what is stored under the idempotency key; null for nothing, and the key stays unused. */
  storedResult(): string | null;
  result(recordedAt: Instant): Result<T>;
}

/** What a command writes. A refusal writes nothing, but is stored under its key nevertheless (R17). */
export interface Changes {
  /** The account afterwards. What has changed of its balances is written, and balances that are new. */
  readonly account: Account;
  /** What else is written. */
  readonly rows: Rows;
}
