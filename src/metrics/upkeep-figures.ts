/** What the work has counted that a process does by itself. */
import { Tally } from '../platform/tally.js';

/** What was persisted because it had come due. */
export const SWEPT = ['reset', 'expiry', 'reservation'] as const;

export class SweepFigures {
  readonly customers = new Tally<'swept' | 'left_out'>(['swept', 'left_out']);
  readonly persisted = new Tally<(typeof SWEPT)[number]>(SWEPT);
  /** Sweeps that ended with an error. */
  failures = 0;
  /** For how long what was found last had been due. */
  behindMs = 0;
  /** When everything that was due had been examined, by this machine's clock; null before the first time. */
  completedAtMs: number | null = null;
}

export const PRUNED = ['idempotency_keys', 'event_properties', 'reservation_properties'] as const;
export type Pruned = (typeof PRUNED)[number];

export class PruneFigures {
  readonly rows = new Tally<Pruned>(PRUNED);
  readonly failures = new Tally<Pruned>(PRUNED);
  /** When all that was too old had been pruned, by this machine's clock. */
  readonly completedAtMs = new Map<Pruned, number>();
}

/** The tables that are kept in ranges. */
export const RANGED = ['events', 'ledger_entries'] as const;
export type Ranged = (typeof RANGED)[number];

/** Why the daily work on ranges can fail, as far as what is to be done differs. */
export const RANGE_CAUSES = ['locked', 'not_allowed', 'future_rows', 'database', 'other'] as const;
export type RangeCause = (typeof RANGE_CAUSES)[number];

export class RangeFigures {
  readonly letGo = new Tally<Ranged>(RANGED);
  readonly failures = new Tally<RangeCause>(RANGE_CAUSES);
  /** How many ranges a table has; nothing before it was first examined. */
  readonly ranges = new Map<Ranged, number>();
  /** When the last range of a table begins; null if it has everything. */
  readonly lastStartMs = new Map<Ranged, number | null>();
  /** When all ranges were as they should be, by this machine's clock; null before the first time. */
  completedAtMs: number | null = null;
}
