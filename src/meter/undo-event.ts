import type { Account } from '../domain/account.js';
import type { Balance } from '../domain/balance.js';
import type { Instant } from '../domain/interval.js';
import { reverse } from '../domain/void.js';
import { tailOfUuid, timeOfUuid } from '../platform/id.js';
import type { EventVoid } from './store.js';
import type { KnownEvent } from './write/command.js';
import { notedEntryDraft } from './write/entry-draft.js';
import type { EventRef, EventVoidDraft, Note, NotedEntryDraft } from './write/write-path.js';

/** What becomes of an event that is to be undone. */
export type UndoneEvent =
  | {
      readonly is: 'UNDONE';
      readonly account: Account;
      readonly voiding: EventVoidDraft;
      readonly entries: readonly NotedEntryDraft[];
    }
  /** It had been, and stays as it is. */
  | { readonly is: 'UNDONE_BEFORE'; readonly voiding: Omit<EventVoid, 'voidedAt'> }
  /** What it gave back would bring this balance to more than can be counted. */
  | { readonly is: 'TOO_MUCH'; readonly overfull: Balance };

/** Undoes one event of an account that stands at `now`, by itself or as one of many (R34, R36). Nothing is committed. */
export function undoEvent(
  account: Account,
  { event, voiding }: KnownEvent,
  note: Note,
  now: Instant,
): UndoneEvent {
  const before = event.voided ?? voiding;
  if (before !== null) return { is: 'UNDONE_BEFORE', voiding: before };
  const undone = reverse(account, event.outcome.deductions, event.recordedAt, now);
  if (!undone.ok) return { is: 'TOO_MUCH', overfull: undone.overfull };
  const { reason, actor } = note;
  const ref = refOf(event.id);
  return {
    is: 'UNDONE',
    account: undone.account,
    voiding: {
      eventId: event.id,
      reason,
      actor,
      amendedById: null,
      reversal: undone.reversal,
    },
    entries: undone.entries.map((entry) => notedEntryDraft(entry, ref, note)),
  };
}

/** How the ledger names an event that exists. */
export function refOf(eventId: string): EventRef {
  return { tail: tailOfUuid(eventId), occurredAt: timeOfUuid(eventId) };
}
