import type { Account, AdvancedAccount } from '../../domain/account.js';
import type { LedgerEntry } from '../../domain/balance.js';

/** What has come due by itself since the last write: the next one persists it. */
export interface Due {
  readonly entries: readonly LedgerEntry[];
  /** Reservations that have expired. */
  readonly reservations: number;
}

/** Null for nothing. */
export function dueOf(start: Account | null, advanced: AdvancedAccount | null): Due | null {
  if (start === null || advanced === null || advanced.account === start) return null;
  return {
    entries: advanced.entries,
    reservations: start.holds.length - advanced.account.holds.length,
  };
}
