/**
 * What the operations of each key may still cost, as a token bucket per key. It belongs to one process: several processes have
 * a budget each.
 */
import type { Caller } from '../../meter/verb.js';
import { budgetExceeded } from './exceeded.js';

/** What a key has left. */
export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  /** Per second. */
  readonly restoreRate: number;
}

/** The part of a budget that one operation has taken. */
export interface Taken {
  /** Replaces what was taken by what it turned out to cost. */
  settle(cost: number): void;
  /** Takes what it costs beyond that. */
  add(cost: number): void;
  status(): ThrottleStatus;
}

export interface BudgetOptions {
  /** Null for no limit. */
  readonly costPerMinute: number | null;
  /** Budgets in memory; the one unused for longest is forgotten first. */
  readonly keysMax: number;
  readonly monotonicMs: () => number;
}

const MINUTE_MS = 60_000;

/** Budgets that may be forgotten whenever one is taken from: more than are added. */
const FORGOTTEN_AT_ONCE = 2;

export class Budgets {
  /** Those used last are at the end. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #options: BudgetOptions;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Whether there is a limit. */
  get isLimited(): boolean {
    return this.#options.costPerMinute !== null;
  }

  /** The number of budgets in memory. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes the cost of an operation, or throws the error that says when to try again. An operation that may cost more
   * than the whole budget needs a full one. Null if there is no limit, or if no key was sent.
   */
  take(owner: string | undefined, cost: number): Taken | null {
    const { costPerMinute, monotonicMs } = this.#options;
    if (costPerMinute === null || owner === undefined) return null;
    const now = monotonicMs();
    const bucket = this.#buckets.get(owner) ?? new Bucket(costPerMinute, now);
    // Deleted first, because a key that is set again keeps its position in a Map.
    this.#buckets.delete(owner);
    this.#buckets.set(owner, bucket);
    bucket.restore(now);
    const taken = Math.min(cost, costPerMinute);
    const missing = taken - bucket.available;
    if (missing > 0) throw budgetExceeded(cost, bucket.status(), missing / bucket.restoreRate);
    bucket.available -= taken;
    this.#forget(now);
    return new TakenFrom(bucket, taken, monotonicMs);
  }

  /** A budget that is full again is like one that was never used. */
  #forget(now: number): void {
    let forgotten = 0;
    for (const [owner, bucket] of this.#buckets) {
      bucket.restore(now);
      if (!bucket.isFull && this.#buckets.size <= this.#options.keysMax) break;
      this.#buckets.delete(owner);
      forgotten += 1;
      if (forgotten === FORGOTTEN_AT_ONCE) break;
    }
  }
}

/**
 * Whose budget a call uses: its key's. With a customer token, each customer has one, because a publishable key is in the hands of
 * all of them.
 */
export function ownerOf({ keyId, only }: Caller): string | undefined {
  return keyId === undefined || only === undefined ? keyId : `${keyId} ${only.customerKey}`;
}

class Bucket {
  /** Negative if operations have cost more than the whole budget. */
  available: number;
  readonly #max: number;
  #at: number;

  constructor(max: number, now: number) {
    this.available = max;
    this.#max = max;
    this.#at = now;
  }

  get restoreRate(): number {
    return (this.#max * 1_000) / MINUTE_MS;
  }

  get isFull(): boolean {
    return this.available >= this.#max;
  }

  restore(now: number): void {
    const restored = ((now - this.#at) * this.#max) / MINUTE_MS;
    this.available = Math.min(this.#max, this.available + restored);
    this.#at = now;
  }

  status(): ThrottleStatus {
    return {
      maximumAvailable: this.#max,
      currentlyAvailable: Math.floor(Math.min(this.available, this.#max)),
      restoreRate: this.restoreRate,
    };
  }
}

class TakenFrom implements Taken {
  readonly #bucket: Bucket;
  readonly #taken: number;
  readonly #monotonicMs: () => number;

  constructor(bucket: Bucket, taken: number, monotonicMs: () => number) {
    this.#bucket = bucket;
    this.#taken = taken;
    this.#monotonicMs = monotonicMs;
  }

  settle(cost: number): void {
    // What was restored meanwhile had no room for more than the rest.
    this.#bucket.restore(this.#monotonicMs());
    this.#bucket.available += this.#taken - cost;
  }

  add(cost: number): void {
    this.#bucket.available -= cost;
  }

  status(): ThrottleStatus {
    this.#bucket.restore(this.#monotonicMs());
    return this.#bucket.status();
  }
}
