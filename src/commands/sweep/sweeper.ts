/** Writes to the ledger what has come due by itself, while nothing else makes it (R45). */
import { setTimeout as wait } from 'node:timers/promises';
import { UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope } from '../../meter/store.js';
import { SweepCommand } from '../../meter/sweep.js';
import type { WriteQueue } from '../../meter/write/write-queue.js';
import { SweepFigures } from '../../metrics/upkeep-figures.js';
import type { Logger } from '../../platform/logger.js';
import type { SweepTurn } from '../../store/sweep-turns.js';
import {
  DUE_SOURCES,
  DUE_START,
  type DueCursor,
  type DueSource,
  type Sweeps,
} from '../../store/sweeps.js';
import { SweepPace } from './pace.js';
import { SweepReport } from './report.js';

/** Between two sweeps, and after one that was not possible. */
const IDLE_MS = 60_000;

/** Customers known to fail. */
const FAILED_MAX = 1_000;

export interface SweeperOptions {
  readonly sweeps: Sweeps;
  readonly writeQueue: Pick<WriteQueue, 'submit'>;
  /** How many batches of commands are committed at once. */
  readonly lanes: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly monotonicMs: () => number;
  /** Where it is counted what it does. */
  readonly figures?: SweepFigures;
  /** Rejects once the signal is aborted; replaced by tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Sweeps now and then every minute, until it is stopped. */
export function startSweeper(options: SweeperOptions): { stop(): Promise<void> } {
  const ending = new AbortController();
  const sweeper = new Sweeper(options, ending.signal);
  const running = sweeper.run();
  return {
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

/** What one step is about. */
interface Step {
  readonly customers: readonly CustomerScope[];
  /** What to examine afterwards. */
  readonly next: readonly Task[];
}

/** A page of what is due, or a customer by itself. */
type Task =
  | { readonly source: DueSource; readonly after: DueCursor }
  | { readonly customer: CustomerScope };

class Sweeper {
  readonly #options: Required<SweeperOptions>;
  readonly #ending: AbortSignal;
  readonly #pace = new SweepPace();
  /** By customer key, the oldest first. */
  readonly #failed = new Set<string>();
  #isInTrouble = false;

  constructor(options: SweeperOptions, ending: AbortSignal) {
    this.#options = { pause: pauseFor, figures: new SweepFigures(), ...options };
    this.#ending = ending;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    while (!this.#ending.aborted) {
      try {
        await this.#sweep();
        this.#isInTrouble = false;
      } catch (error) {
        this.#tellTrouble(error);
      }
      await this.#pause(IDLE_MS);
    }
  }

  /** Examines everything that is due once. Every step is a turn of its own, and its rest is part of it: with many gateways, it stays one tenth. */
  async #sweep(): Promise<void> {
    const { sweeps, logger, monotonicMs, figures } = this.#options;
    const report = new SweepReport(logger, monotonicMs, figures);
    const turns = sweeps.turns();
    let tasks: readonly Task[] = DUE_SOURCES.map((source) => ({ source, after: DUE_START }));
    try {
      while (!this.#ending.aborted) {
        const [task, ...others] = tasks;
        if (task === undefined) break;
        const next = await turns.take((turn) => this.#step(task, turn, report));
        // Another gateway sweeps.
        if (next === null) break;
        // The kinds take turns.
        tasks = [...others, ...next];
      }
    } finally {
      report.end(tasks.length === 0);
      await turns.close();
    }
  }

  async #step(task: Task, turn: SweepTurn, report: SweepReport): Promise<readonly Task[]> {
    const { lanes, monotonicMs } = this.#options;
    const start = monotonicMs();
    const { customers, next } = await this.#find(task, report);
    const found = monotonicMs();
    const outcomes = await Promise.all(customers.map((one) => this.#outcomeOf(one, report)));
    const time = { findMs: found - start, sweepMs: monotonicMs() - found };
    const statementsAtOnce = Math.min(lanes, customers.length);
    report.pause();
    await this.#rest(this.#pace.after({ ...time, statementsAtOnce }), turn);
    return [...next, ...this.#judged(customers, outcomes)];
  }

  async #find(task: Task, report: SweepReport): Promise<Step> {
    if ('customer' in task) return { customers: [task.customer], next: [] };
    const { source, after } = task;
    const page = await this.#options.sweeps.due(source, after, this.#pace.rows);
    report.found(page.overdueMs);
    return {
      customers: page.customers.filter(({ customerKey }) => !this.#failed.has(customerKey)),
      next: page.next === null ? [] : [{ source, after: page.next }],
    };
  }

  /** The error with which it failed; null if it was swept or is left for the next time. */
  async #outcomeOf(customer: CustomerScope, report: SweepReport): Promise<unknown> {
    try {
      const result = await this.#options.writeQueue.submit(new SweepCommand(customer));
      if (result.ok) report.swept(result.value);
      return null;
    } catch (error) {
      report.leftOut();
      return error instanceof UnavailableError && LATER.has(error.code) ? null : error;
    }
  }

  /** What to do about customers that failed, except for those that the next sweep will find anyway. */
  #judged(customers: readonly CustomerScope[], errors: readonly unknown[]): readonly Task[] {
    const alone: Task[] = [];
    for (const [index, customer] of customers.entries()) {
      const error = errors[index] ?? null;
      if (error === null) continue;
      if (error instanceof UnavailableError && GONE.has(error.code)) throw error;
      const isShared = error instanceof UnavailableError && error.code === 'DATABASE_TIMEOUT';
      if (isShared && customers.length > 1) alone.push({ customer });
      else this.#fail(customer, error);
    }
    return alone;
  }

  /** As long as it is among the last that failed, this process neither tries it again nor reports it again. */
  #fail({ customerKey, projectId }: CustomerScope, error: unknown): void {
    for (const oldest of this.#failed) {
      if (this.#failed.size < FAILED_MAX) break;
      this.#failed.delete(oldest);
    }
    this.#failed.add(customerKey);
    this.#options.logger.warn(
      { customerKey, projectId, reason: String(error) },
      'What has come due for a customer could not be persisted, and will be by its next write.',
    );
  }

  /** Once, until it is over. */
  #tellTrouble(error: unknown): void {
    if (this.#ending.aborted) return;
    this.#options.figures.failures += 1;
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    const reason = String(error);
    this.#options.logger.warn({ reason }, 'What has come due could not be persisted.');
  }

  async #rest(ms: number, turn: SweepTurn): Promise<void> {
    await turn.restFor(ms);
    await this.#pause(ms);
  }

  /** Or until the end. */
  async #pause(ms: number): Promise<void> {
    if (this.#ending.aborted) return;
    try {
      await this.#options.pause(ms, this.#ending);
    } catch (error) {
      if (!this.#ending.aborted) throw error;
    }
  }
}

/** Nothing was done, and the next sweep will do it. */
const LATER: ReadonlySet<string> = new Set(['CUSTOMER_LOCKED', 'WRITE_CONTENTION', 'OVERLOADED']);

/** No other customer will fare better now. */
const GONE: ReadonlySet<string> = new Set(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN']);

function pauseFor(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal, ref: false });
}
