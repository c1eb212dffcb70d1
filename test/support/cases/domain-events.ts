/** The usage events of a customer in memory that `src/domain` decides, and how they are undone. */

import type { Account } from '../../../src/domain/account.js';
import {
  type AmendableEvent,
  type AmendDecision,
  amend,
  type EventChanges,
  eventVoided,
  refuseAmendment,
} from '../../../src/domain/amend.js';
import type { Catalog } from '../../../src/domain/feature.js';
import { canonicalJson, type Fingerprint } from '../../../src/domain/idempotency.js';
import type { Instant } from '../../../src/domain/interval.js';
import { quantityToText } from '../../../src/domain/quantity.js';
import { notFound, type Refusal } from '../../../src/domain/refusal.js';
import { tooMuchToTakeAgain } from '../../../src/domain/too-much.js';
import type { Reversal } from '../../../src/domain/void.js';
import { amountOf } from '../model/numbers.js';
import type { PlainAmend, PlainVoided } from './plain.js';

export interface DomainEvent extends AmendableEvent {
  readonly voided: PlainVoided | null;
}

/** The refusals that precede idempotency. */
export function refuseAmend(
  { event: index, ...call }: PlainAmend,
  events: readonly DomainEvent[],
  { account, catalog, now }: Standing,
): Refusal | null {
  const event = events[index];
  if (event === undefined) return notFound('EVENT_NOT_FOUND', String(index));
  if (event.voided !== null) return null;
  return refuseAmendment(account, catalog, event, changesOf(call), now);
}

interface Standing {
  readonly account: Account;
  readonly catalog: Catalog;
  readonly now: Instant;
}

/** What is done about an event that exists. */
export function amendOne(
  call: PlainAmend,
  event: DomainEvent,
  { account, catalog, now }: Standing,
): AmendDecision {
  if (event.voided !== null) return { ok: false, refusal: eventVoided('event', now, null) };
  const tooMuch = tooMuchToTakeAgain.bind(null, 'event');
  return amend(account, catalog, event, changesOf(call), now, tooMuch);
}

export function amendFingerprint(call: PlainAmend): Fingerprint {
  const { value, timestamp, overageBehavior } = changesOf(call);
  return {
    operation: 'amendEvent',
    eventId: String(call.event),
    value: value === null ? null : quantityToText(value),
    properties: call.properties === undefined ? null : canonicalJson(call.properties),
    timestamp: timestamp === null ? null : String(timestamp),
    overageBehavior,
  };
}

/** The event that takes the place of another. */
export function inPlaceOf(event: DomainEvent, call: PlainAmend, now: Instant) {
  const { value, properties, timestamp } = changesOf(call);
  return {
    ...event,
    value: value ?? event.value,
    properties: properties ?? event.properties,
    occurredAt: timestamp ?? event.occurredAt,
    recordedAt: now,
  };
}

function changesOf({
  value,
  properties,
  timestamp,
  overageBehavior,
}: Omit<PlainAmend, 'event'>): EventChanges {
  return {
    value: value === undefined ? null : amountOf(value),
    properties: properties ?? null,
    timestamp: timestamp === undefined ? null : Date.parse(timestamp),
    overageBehavior: overageBehavior ?? 'CAP',
  };
}

/** The answer of the first call. */
export function voidedOf({ reversed, notReversed }: Reversal): PlainVoided {
  return {
    replayed: false,
    reversed: Object.fromEntries(
      reversed.map(({ balanceId, amount }) => [balanceId, quantityToText(amount)]),
    ),
    notReversed: Object.fromEntries(
      notReversed.map(({ balanceId, reason, amount }) => [
        `${balanceId} ${reason}`,
        quantityToText(amount),
      ]),
    ),
  };
}
