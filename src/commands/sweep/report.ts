import type { Swept } from '../../meter/sweep.js';
import type { SweepFigures } from '../../metrics/upkeep-figures.js';
import { wallClockMs } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';

/** Between two lines about a sweep that takes long. */
const LINE_MS = 60_000;

/** Tells what a sweep did and how far behind it is, when it ends and once a minute. */
export class SweepReport {
  readonly #logger: Pick<Logger, 'info'>;
  readonly #monotonicMs: () => number;
  readonly #figures: SweepFigures;
  #told: number;
  #counts = NOTHING;
  #behindMs = 0;

  constructor(logger: Pick<Logger, 'info'>, monotonicMs: () => number, figures: SweepFigures) {
    this.#logger = logger;
    this.#monotonicMs = monotonicMs;
    this.#figures = figures;
    this.#told = monotonicMs();
  }

  /** For how long what was found now has been due. */
  found(behindMs: number): void {
    this.#behindMs = behindMs;
    this.#figures.behindMs = behindMs;
  }

  swept({ resets, expiries, reservations }: Swept): void {
    this.#figures.customers.add('swept');
    this.#figures.persisted.add('reset', resets);
    this.#figures.persisted.add('expiry', expiries);
    this.#figures.persisted.add('reservation', reservations);
    const { customers, ...counts } = this.#counts;
    this.#counts = {
      ...counts,
      customers: customers + 1,
      resets: counts.resets + resets,
      expiries: counts.expiries + expiries,
      reservations: counts.reservations + reservations,
    };
  }

  leftOut(): void {
    this.#figures.customers.add('left_out');
    this.#counts = { ...this.#counts, leftOut: this.#counts.leftOut + 1 };
  }

  /** At the end of a step. */
  pause(): void {
    if (this.#monotonicMs() - this.#told < LINE_MS) return;
    this.#tell('Persisting what has come due.', this.#behindMs);
  }

  /** Everything that is due has been examined, or the sweep ends before that. */
  end(isComplete: boolean): void {
    if (isComplete) {
      this.#figures.behindMs = 0;
      this.#figures.completedAtMs = wallClockMs();
    }
    const { customers, leftOut } = this.#counts;
    if (customers + leftOut === 0) return;
    if (isComplete) this.#tell('Persisted what had come due.', 0);
    else this.#tell('Persisted a part of what had come due.', this.#behindMs);
  }

  #tell(sentence: string, behindMs: number): void {
    this.#logger.info({ ...this.#counts, behindMs }, sentence);
    this.#told = this.#monotonicMs();
    this.#counts = NOTHING;
  }
}

const NOTHING = { customers: 0, resets: 0, expiries: 0, reservations: 0, leftOut: 0 };
