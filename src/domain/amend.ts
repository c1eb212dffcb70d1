import type { Account } from './account.js';
import type { Balance, LedgerEntry } from './balance.js';
import type { Deduction, OverageBehavior } from './deduction.js';
import type { Catalog } from './feature.js';
import type { Instant } from './interval.js';
import type { Usage } from './plan.js';
import type { Quantity } from './quantity.js';
import { type EventVoided, quoted, type Refusal } from './refusal.js';
import { refuseUnknown, type Tracked, track } from './track.js';
import { type Reversal, reverse } from './void.js';
import type { Properties } from './where.js';

/** An event, as far as it decides what undoes it and what takes its place. */
export interface AmendableEvent extends Omit<Usage, 'overageBehavior'> {
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly deductions: readonly Deduction[];
}

/** How the event in its place is different. What is null stays as it was. */
export interface EventChanges {
  readonly value: Quantity | null;
  readonly properties: Properties | null;
  readonly timestamp: Instant | null;
  readonly overageBehavior: OverageBehavior;
}

export type AmendDecision =
  | {
      readonly ok: true;
      readonly account: Account;
      /** Of what was undone, and of what was taken then. */
      readonly undone: { readonly entries: readonly LedgerEntry[]; readonly reversal: Reversal };
      readonly done: { readonly entries: readonly LedgerEntry[]; readonly tracked: Tracked };
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** Why no event can take its place whatever the balances are, as for usage. Null if one can. */
export function refuseAmendment(
  account: Account,
  catalog: Catalog,
  event: Pick<AmendableEvent, 'entityId' | 'featureId' | 'eventName'>,
  { timestamp }: Pick<EventChanges, 'timestamp'>,
  now: Instant,
): Refusal | null {
  const { entityId, featureId, eventName } = event;
  const { customerId } = account;
  return refuseUnknown(
    account,
    catalog,
    { customerId, entityId, featureId, eventName, timestamp },
    now,
  );
}

/**
 * Undoes an event and takes what the one in its place uses, both or neither (R35): a void, and then usage on what that leaves.
 * The account must stand at `now`.
 */
export function amend(
  account: Account,
  catalog: Catalog,
  event: AmendableEvent,
  changes: EventChanges,
  now: Instant,
  tooMuch: (overfull: Balance) => Refusal,
): AmendDecision {
  const undone = reverse(account, event.deductions, event.recordedAt, now);
  if (!undone.ok) return { ok: false, refusal: tooMuch(undone.overfull) };
  const { entityId, featureId, eventName } = event;
  const { timestamp, overageBehavior } = changes;
  const value = changes.value ?? event.value;
  const properties = changes.properties ?? event.properties;
  const usage = { entityId, featureId, eventName, value, properties, overageBehavior };
  const { customerId } = account;
  const request = { customerId, timestamp: timestamp ?? event.occurredAt, ...usage };
  const done = track(undone.account, catalog, request, now, 'amend');
  return done.ok ? { ok: true, account: done.account, undone, done } : done;
}

/** For a call that would let another event take the place of one that counts no longer. */
export function eventVoided(
  globalId: string,
  voidedAt: Instant,
  amendedBy: EventVoided['amendedBy'],
): EventVoided {
  const at = new Date(voidedAt).toISOString();
  const message =
    amendedBy === null
      ? `The usage event ${quoted(globalId)} was undone at ${at}, and nothing can take its place. Record usage with trackBalance.`
      : `The usage event ${quoted(globalId)} was amended at ${at}. Amend the one in its place, whose id is in amendedById.`;
  return { code: 'EVENT_VOIDED', message, voidedAt, amendedBy };
}
