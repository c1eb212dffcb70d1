/** The operations that are running, and for how long. */
import type { Caller } from '../meter/verb.js';

export interface RunningOptions {
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
  /** Called once for each slow operation while it runs. */
  readonly onSlow: (operation: RunningOperation, runningMs: number) => void;
}

/** A running operation. */
export class RunningOperation {
  readonly name: string | undefined;
  readonly caller: Caller;
  readonly startedAt: number;
  /** Called when it has reached its time limit. */
  readonly giveUp: () => void;
  isReported = false;
  isRunning = false;
  /** Its neighbors in the list of running operations. */
  before: RunningOperation | null = null;
  after: RunningOperation | null = null;

  constructor({ name, caller, startedAt, giveUp }: RunningFacts) {
    this.name = name;
    this.caller = caller;
    this.startedAt = startedAt;
    this.giveUp = giveUp;
  }
}

type RunningFacts = Pick<RunningOperation, 'name' | 'caller' | 'startedAt' | 'giveUp'>;

/** An operation that runs for longer is reported as slow. */
export const SLOW_MS = 1_000;

/** How often they are checked while there are any. */
const SWEEP_INTERVAL_MS = 50;

/**
 * Those that run, in the order in which they began. A linked list, because a `Set` that something is added to and deleted
 * from with every call makes the garbage collector's work half as much again.
 */
export class RunningOperations {
  readonly #options: RunningOptions;
  #first: RunningOperation | null = null;
  #last: RunningOperation | null = null;
  #isSweepDue = false;

  constructor(options: RunningOptions) {
    this.#options = options;
  }

  add(operation: RunningOperation): void {
    operation.isRunning = true;
    operation.before = this.#last;
    if (this.#last === null) this.#first = operation;
    else this.#last.after = operation;
    this.#last = operation;
    this.#sweepLater();
  }

  delete(operation: RunningOperation): void {
    if (!operation.isRunning) return;
    operation.isRunning = false;
    const { before, after } = operation;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    operation.before = null;
    operation.after = null;
  }

  /** Checks those that have been running for long. */
  sweep(): void {
    const { timeoutMs, monotonicMs, onSlow } = this.#options;
    const now = monotonicMs();
    let next: RunningOperation | null = null;
    for (let operation = this.#first; operation !== null; operation = next) {
      next = operation.after;
      const runningMs = now - operation.startedAt;
      if (runningMs < SLOW_MS && runningMs < timeoutMs) return;
      if (runningMs >= SLOW_MS && !operation.isReported) {
        operation.isReported = true;
        onSlow(operation, runningMs);
      }
      if (runningMs < timeoutMs) continue;
      this.delete(operation);
      operation.giveUp();
    }
  }

  /** One timer for all: each call with its own would pay for what hardly any needs. */
  #sweepLater(): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    setTimeout(() => {
      this.#isSweepDue = false;
      this.sweep();
      if (this.#first !== null) this.#sweepLater();
    }, SWEEP_INTERVAL_MS).unref();
  }
}
