import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { monotonicMs } from '../platform/clock.js';
import { MigrationError } from './check-server.js';
import { connectOnce, type DatabaseAddress } from './database.js';
import { areInProgress, described, type Holder, holdersNow } from './lock-holders.js';

/**
 * How long a migration waits for a lock. A session that asks for the table meanwhile waits behind it, so this is also
 * how long a migration may hold up a gateway that is running.
 */
const LOCK_WAIT_MS = 200;

/** Between two attempts, so that what has queued up behind one is done before the next. */
const PAUSE_MS = 250;

/** Between two looks at who holds a lock. */
const LOOK_MS = 20;

/** Between two sentences about who holds a lock. */
const SAY_MS = 30_000;

export interface PatienceOptions {
  readonly client: pg.Client;
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  /** The lock that the migrating session holds. */
  readonly advisoryKey: number;
  /** How long attempts are repeated. */
  readonly maxMs: number;
  readonly say: (sentence: string) => void;
}

/** A migration that was rolled back because another transaction held a lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly migration: string;

  constructor(migration: string, options: ErrorOptions) {
    super(`${migration} was rolled back: a lock was not granted in time`, options);
    this.migration = migration;
  }
}

/** Attempts a migration until it gets its locks, without holding up others for longer than one short wait at a time. */
export class LockPatience {
  readonly #options: PatienceOptions;
  #watcher: pg.Client | undefined;
  #said = { sentence: '', at: Number.NEGATIVE_INFINITY };

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Makes attempts, which are told how long they may wait for a lock. */
  async until<T>(attempt: (lockWaitMs: number) => Promise<T>): Promise<T> {
    const start = monotonicMs();
    let lockWaitMs = LOCK_WAIT_MS;
    let holders: readonly Holder[] = [];
    for (;;) {
      try {
        const attempted = attempt(lockWaitMs);
        // Only the second attempt is watched, because hardly any start needs one.
        if (this.#watcher !== undefined) holders = await this.#watched(attempted);
        return await attempted;
      } catch (error) {
        if (!(error instanceof LockedError)) throw error;
        const isOver = () => monotonicMs() - start >= this.#options.maxMs;
        if (isOver()) throw this.#refused(error, holders);
        lockWaitMs = await this.#between(error, holders, lockWaitMs, isOver);
      }
    }
  }

  async end(): Promise<void> {
    await this.#watcher?.end();
  }

  /** Waits until another attempt is worthwhile; returns how long it may wait for a lock. */
  async #between(
    error: LockedError,
    holders: readonly Holder[],
    lockWaitMs: number,
    isOver: () => boolean,
  ): Promise<number> {
    const { address, connectTimeoutMs, client } = this.#options;
    // Without it, the migration waits all the same, but cannot say for whom.
    this.#watcher ??= await connectOnce(address, connectTimeoutMs).catch(() => undefined);
    const isWorkers = holders.length > 0 && holders.every(({ isWorker }) => isWorker);
    if (isWorkers && lockWaitMs === LOCK_WAIT_MS) {
      return LOCK_WAIT_MS + Math.max(...holders.map(({ deadlockMs }) => deadlockMs));
    }
    if (holders.length > 0) this.#say(error, holders);
    do await wait(PAUSE_MS);
    while (!isOver() && (await areInProgress(client, holders)));
    return LOCK_WAIT_MS;
  }

  /** Who kept the attempt waiting last. */
  async #watched(attempted: Promise<unknown>): Promise<readonly Holder[]> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    attempted.then(over, over);
    let last: readonly Holder[] = [];
    while (!isOver && this.#watcher !== undefined) {
      const now = await holdersNow(this.#watcher, this.#options.advisoryKey).catch(() => []);
      if (now.length > 0) last = now;
      await wait(LOOK_MS);
    }
    return last;
  }

  #say({ migration }: LockedError, holders: readonly Holder[]): void {
    const { sentence: before, at } = this.#said;
    const sentence =
      `The migration ${migration} waits for ${listed(holders)}. It is tried again when that transaction has ended, for ` +
      `up to ${this.#options.maxMs / 1_000} s.`;
    const now = monotonicMs();
    if (sentence === before || now - at < SAY_MS) return;
    this.#options.say(sentence);
    this.#said = { sentence, at: now };
  }

  #refused({ migration, cause }: LockedError, holders: readonly Holder[]): MigrationError {
    return new MigrationError(
      `The migration ${migration} did not get its locks within ${this.#options.maxMs / 1_000} s because of ` +
        `${listed(holders)}. Nothing of it was applied. End that transaction, then start again.`,
      { cause },
    );
  }
}

const LISTED_MAX = 3;

function listed(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'other transactions';
  return holders.slice(0, LISTED_MAX).map(described).join(' and ');
}
