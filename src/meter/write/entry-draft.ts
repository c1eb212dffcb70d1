import type { LedgerEntry } from '../../domain/balance.js';
import type { EntryDraft, EventRef } from './write-path.js';

/** A ledger entry of an event, or of none. Written out, because every event passes here and a spread takes far longer. */
export function entryDraft(entry: LedgerEntry, event: EventRef | null): EntryDraft {
  return {
    balanceId: entry.balanceId,
    seq: entry.seq,
    kind: entry.kind,
    amount: entry.amount,
    grantedAfter: entry.grantedAfter,
    usedAfter: entry.usedAfter,
    effectiveAt: entry.effectiveAt,
    event,
  };
}
