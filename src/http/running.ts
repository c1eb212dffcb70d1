/** The operations that are running, and for how long. */
import type { Caller } from '../meter/verb.js';
import { Aged, SweptList } from './age-list.js';

export interface RunningOptions {
  readonly timeoutMs: number;
  /** An operation that runs for longer is reported as slow. */
  readonly slowMs: number;
  readonly monotonicMs: () => number;
  /** Called once for each slow operation while it runs. */
  readonly onSlow: (operation: RunningOperation, runningMs: number) => void;
}

/** A running operation. */
export class RunningOperation extends Aged<RunningOperation> {
  readonly name: string | undefined;
  readonly requestId: string;
  readonly caller: Caller;
  readonly startedAt: number;
  /** Called when it has reached its time limit. */
  readonly giveUp: () => void;
  isReported = false;

  constructor({ name, requestId, caller, startedAt, giveUp }: RunningFacts) {
    super();
    this.name = name;
    this.requestId = requestId;
    this.caller = caller;
    this.startedAt = startedAt;
    this.giveUp = giveUp;
  }
}

type RunningFacts = Pick<
  RunningOperation,
  'name' | 'requestId' | 'caller' | 'startedAt' | 'giveUp'
>;

/** How often they are checked while there are any. */
const SWEEP_INTERVAL_MS = 50;

export class RunningOperations {
  readonly #options: RunningOptions;
  readonly #list = new SweptList<RunningOperation>({
    sweepIntervalMs: SWEEP_INTERVAL_MS,
    sweep: () => this.sweep(),
  });

  constructor(options: RunningOptions) {
    this.#options = options;
  }

  add(operation: RunningOperation): void {
    this.#list.add(operation);
  }

  delete(operation: RunningOperation): void {
    this.#list.delete(operation);
  }

  /** Checks those that have been running for long. */
  sweep(): void {
    const { timeoutMs, slowMs, monotonicMs, onSlow } = this.#options;
    const now = monotonicMs();
    let next: RunningOperation | null = null;
    for (let operation = this.#list.first; operation !== null; operation = next) {
      next = operation.after;
      const runningMs = now - operation.startedAt;
      if (runningMs < slowMs && runningMs < timeoutMs) return;
      if (runningMs >= slowMs && !operation.isReported) {
        operation.isReported = true;
        onSlow(operation, runningMs);
      }
      if (runningMs < timeoutMs) continue;
      this.#list.delete(operation);
      operation.giveUp();
    }
  }
}
