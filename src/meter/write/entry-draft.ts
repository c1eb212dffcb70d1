import type { LedgerEntry } from '../../domain/balance.js';
import type { EntryDraft, EventRef, Note, NotedEntryDraft } from './write-path.js';

/** A ledger entry of an event, or of none. Written out, because every event passes here and a spread takes far longer. */
export function entryDraft(entry: LedgerEntry, event: EventRef | null): EntryDraft {
  return {
    balanceId: entry.balanceId,
    seq: entry.seq,
    kind: entry.kind,
    amount: entry.amount,
    grantedAfter: entry.grantedAfter,
    usedAfter: entry.usedAfter,
    reservedAfter: entry.reservedAfter,
    effectiveAt: entry.effectiveAt,
    event,
  };
}

/** A ledger entry of a correction, of an event or of none. */
export function notedEntryDraft(
  entry: LedgerEntry,
  event: EventRef | null,
  { reason, actor }: Note,
): NotedEntryDraft {
  return { ...entryDraft(entry, event), reason, actor };
}
