/** At most one part in so many of the time of one connection is spent on sweeping. */
const SHARE = 10;

/** Rows that are examined in one step: with fewer, the step itself takes most of the time. */
const ROWS_MIN = 8;
const ROWS_MAX = 256;

/** What one step of good size takes: calls on the same lanes wait for no more than that. */
const STEP_MS = { short: 20, long: 50 } as const;

/** What a step has taken. */
export interface StepTime {
  /** By one statement at a time. */
  readonly findMs: number;
  /** By several at once. */
  readonly sweepMs: number;
  readonly statementsAtOnce: number;
}

/** How much the sweeper does at once, and how long it rests. */
export class SweepPace {
  #rows = ROWS_MIN;

  get rows(): number {
    return this.#rows;
  }

  /** Returns how long to rest after a step, so that the database has spent no more than a tenth of the time on it. */
  after({ findMs, sweepMs, statementsAtOnce }: StepTime): number {
    const tookMs = findMs + sweepMs;
    if (tookMs < STEP_MS.short) this.#rows = Math.min(ROWS_MAX, this.#rows * 2);
    else if (tookMs > STEP_MS.long) this.#rows = Math.max(ROWS_MIN, this.#rows / 2);
    const databaseMs = findMs + sweepMs * statementsAtOnce;
    return Math.max(1, Math.ceil(databaseMs * SHARE - tookMs));
  }
}
