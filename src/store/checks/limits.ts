const MINUTE_MS = 60_000;
const GIB = 2 ** 30;

/** From where on something is worth a finding. */
export interface Limits {
  readonly roundTripMs: number;
  readonly skewMs: number;
  /** With which customer tokens are refused, or accepted for too long. */
  readonly skewMaxMs: number;
  readonly shortTimeoutMs: number;
  readonly longTransactionMs: number;
  readonly idleInTransactionMs: number;
  readonly slotBytes: number;
  /** The age of transaction ids at which autovacuum should have worked, and the one at which hardly any time is left. */
  readonly transactionIds: number;
  readonly transactionIdsMax: number;
  /** Fewer dead rows than this are nothing, nor is a smaller share of all. */
  readonly deadRows: number;
  readonly deadShare: number;
  /** Tables with fewer pages need no statistics. */
  readonly analyzedPages: number;
  readonly hotUpdates: number;
  readonly hotShare: number;
  readonly checkpoints: number;
  readonly overdueMs: number;
  readonly keysBytes: number;
  /** Of the log, by which the copy of the catalogue on another server may be behind. */
  readonly copyBytes: number;
  /** How long a move may be at one step. */
  readonly moveMs: number;
}

export const LIMITS: Limits = {
  roundTripMs: 5,
  skewMs: 5_000,
  skewMaxMs: 30_000,
  shortTimeoutMs: 100,
  longTransactionMs: 10 * MINUTE_MS,
  idleInTransactionMs: 5 * MINUTE_MS,
  slotBytes: GIB,
  transactionIds: 500_000_000,
  transactionIdsMax: 1_500_000_000,
  deadRows: 10_000,
  deadShare: 0.3,
  analyzedPages: 1_000,
  hotUpdates: 10_000,
  hotShare: 0.9,
  checkpoints: 20,
  overdueMs: 10 * MINUTE_MS,
  keysBytes: GIB,
  copyBytes: GIB / 16,
  moveMs: 60 * MINUTE_MS,
};
