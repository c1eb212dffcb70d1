/** The operations that are being executed, and how long they have been. */
import type { Caller } from '../meter/verb.js';

export interface RunningOperation {
  readonly name: string | undefined;
  readonly caller: Caller;
  readonly startedAt: number;
  /** It has run for as long as it may. */
  readonly giveUp: () => void;
}

export interface RunningOperations {
  add(operation: RunningOperation): void;
  delete(operation: RunningOperation): void;
  /** Looks at those that have run for long. */
  sweep(): void;
}

export interface RunningOptions {
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
  /** Told once of each that takes longer than most, while it runs. */
  readonly onSlow: (operation: RunningOperation, runningMs: number) => void;
}

/** From then on an operation is told to be slow. */
export const SLOW_MS = 1_000;

/** How often they are looked at, while there are any. */
const SWEEP_INTERVAL_MS = 50;

export function createRunningOperations(options: RunningOptions): RunningOperations {
  const { timeoutMs, monotonicMs, onSlow } = options;
  /** In the order in which they began. */
  const running = new Map<RunningOperation, { isTold: boolean }>();
  let isAwaited = false;

  const sweepLater = () => {
    // One timer for all: each call with its own would pay for what hardly any needs.
    if (isAwaited) return;
    isAwaited = true;
    setTimeout(sweepAgain, SWEEP_INTERVAL_MS).unref();
  };
  const sweepAgain = () => {
    isAwaited = false;
    sweep();
    if (running.size > 0) sweepLater();
  };
  const sweep = () => {
    const now = monotonicMs();
    for (const [operation, state] of running) {
      const runningMs = now - operation.startedAt;
      if (runningMs < SLOW_MS && runningMs < timeoutMs) return;
      if (runningMs >= SLOW_MS && !state.isTold) {
        state.isTold = true;
        onSlow(operation, runningMs);
      }
      if (runningMs < timeoutMs) continue;
      running.delete(operation);
      operation.giveUp();
    }
  };
  return {
    add(operation) {
      running.set(operation, { isTold: false });
      sweepLater();
    },
    delete: (operation) => running.delete(operation),
    sweep,
  };
}
