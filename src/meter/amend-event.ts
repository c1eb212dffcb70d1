import type { Account } from '../domain/account.js';
import {
  type AmendableEvent,
  amend,
  type EventChanges,
  eventVoided,
  refuseAmendment,
} from '../domain/amend.js';
import { BrokenInvariantError } from '../domain/assert.js';
import type { Catalog } from '../domain/feature.js';
import { canonicalJson } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import { quantityToText } from '../domain/quantity.js';
import { insufficientBalance, type Refusal } from '../domain/refusal.js';
import { tooMuchToTakeAgain } from '../domain/too-much.js';
import { CLOCK_SKEW_MAX_MS, type Tracked } from '../domain/track.js';
import type { Reversal } from '../domain/void.js';
import { propertiesFromText } from '../domain/where.js';
import { sha256Hex } from '../platform/digest.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import { JsonText } from '../platform/json-text.js';
import type { CustomerScope, JsonObject, UsageEvent } from './store.js';
import {
  type StoredTrackBalance,
  trackBalanceFromJson,
  trackBalanceToJson,
} from './stored/track-balance.js';
import { refOf } from './undo-event.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { knownEvent, refuseUnknownEvent, type VoidEventInput } from './void-event.js';
import {
  Command,
  type Decision,
  type Facts,
  type Idempotency,
  type KnownEvent,
} from './write/command.js';
import { entryDraft, notedEntryDraft } from './write/entry-draft.js';
import type { EventDraft } from './write/write-path.js';

export interface AmendEventInput extends VoidEventInput, EventChanges {
  /** Null for those of the event. */
  readonly properties: JsonObject | null;
}

export interface AmendedEvent extends Pick<Tracked, 'balances' | 'balance'> {
  readonly scope: CustomerScope;
  readonly customerId: string;
  /** The new one. */
  readonly event: UsageEvent;
  /** The one in whose place it is. */
  readonly amended: UsageEvent;
  readonly reversal: Reversal;
  readonly replayed: boolean;
}

/** Undoes a usage event and records another one in its place, both or neither (R35). */
export function amendEvent(
  ctx: VerbContext,
  input: AmendEventInput,
): Promise<Result<AmendedEvent>> {
  return ctx.writeQueue.submit(new AmendEventCommand(ctx.caller.projectId, input), ctx.execution);
}

const AMEND_BYTES = 2_000;

/** How much of properties that are kept may be written again. They are not known before the event is. */
const KEPT_BYTES_MAX = 64 * 1024;

/** It never takes the time of the commit, so its id is known before. */
type DatedDraft = EventDraft & { readonly occurredAt: Instant };

type StoredDone = Extract<StoredTrackBalance, { tracked: unknown }>;

class AmendEventCommand extends Command<AmendedEvent> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly eventIds: readonly string[];
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  readonly #input: AmendEventInput;
  readonly #properties: JsonText | null;

  constructor(projectId: string, input: AmendEventInput) {
    super();
    const { customerKey, eventId, properties, timestamp } = input;
    this.eventIds = [eventId];
    this.#input = input;
    this.#properties = properties === null ? null : JsonText.of(properties);
    this.scope = { projectId, customerKey };
    this.idempotency = idempotencyOf(input);
    this.decisionChangesAt = timestamp === null ? null : timestamp - CLOCK_SKEW_MAX_MS;
    this.bytes = AMEND_BYTES + (this.#properties?.text.length ?? KEPT_BYTES_MAX);
  }

  /** What the event charges is not known before it is read. */
  override passes(catalog: () => Catalog | undefined): number {
    return 1 + (catalog()?.chargedMax ?? 1);
  }

  refuse(facts: Facts): Refusal | null {
    const unknown = refuseUnknownEvent(facts, this.#input);
    if (unknown !== null || facts.account === null) return unknown;
    const { event, voiding } = knownEvent(facts, this.#input.eventId);
    // Then it does not matter what could take its place.
    if (event.voided !== null || voiding !== null) return null;
    const { account, catalog, now } = facts;
    return refuseAmendment(account, catalog, event, this.#input, now);
  }

  decide(account: Account, facts: Facts): Decision<AmendedEvent> {
    const known = knownEvent(facts, this.#input.eventId);
    if (known.event.voided !== null || known.voiding !== null) return this.#tooLate(known);
    const { catalog, now } = facts;
    const event = amendable(known.event, catalog);
    const decided = amend(account, catalog, event, this.#input, now, (balance) =>
      tooMuchToTakeAgain(this.#input.globalId, balance),
    );
    if (!decided.ok) return this.#refusing(decided.refusal);
    const { undone, done } = decided;
    const draft = this.#draftOf(known.event, done.tracked);
    const voiding = {
      eventId: this.#input.eventId,
      reason: this.#input.reason,
      actor: this.#input.actor,
      amendedById: uuidOf(draft.occurredAt, draft.tail),
      reversal: undone.reversal,
    };
    const ref = refOf(this.#input.eventId);
    const stored: StoredDone = { event: draft.tail, tracked: done.tracked };
    return {
      changes: {
        account: decided.account,
        rows: {
          notedEntries: undone.entries.map((entry) => notedEntryDraft(entry, ref, this.#input)),
          eventVoids: [voiding],
          events: [draft],
          entries: done.entries.map((entry) => entryDraft(entry, draft)),
        },
      },
      storedResult: () => trackBalanceToJson(stored),
      result: (recordedAt) =>
        this.#resultOf(account, { event: known.event, voiding }, stored, recordedAt, false),
    };
  }

  replay(json: unknown, recordedAt: Instant, facts: Facts): Result<AmendedEvent> {
    const { account } = facts;
    if (account === null) throw new BrokenInvariantError('an event has a customer');
    const known = knownEvent(facts, this.#input.eventId);
    const stored = trackBalanceFromJson(json, known.event);
    return 'missing' in stored
      ? refuse(insufficientBalance(stored.missing, 'amend', stored.why, true))
      : this.#resultOf(account, known, stored, recordedAt, true);
  }

  /** An event that has been undone stays so, therefore this need not be stored. */
  #tooLate({ event: { voided }, voiding }: KnownEvent): Decision<AmendedEvent> {
    const amendedById = (voided ?? voiding)?.amendedById ?? null;
    const { customerKey } = this.scope;
    const amendedBy = amendedById === null ? null : { customerKey, id: amendedById };
    return {
      changes: null,
      storedResult: () => null,
      result: (now) =>
        refuse(eventVoided(this.#input.globalId, voided?.voidedAt ?? now, amendedBy)),
    };
  }

  #refusing(refusal: Refusal): Decision<AmendedEvent> {
    return {
      changes: null,
      storedResult: () =>
        'missing' in refusal
          ? trackBalanceToJson({ missing: refusal.missing, why: refusal.why })
          : null,
      result: () => refuse(refusal),
    };
  }

  #draftOf(before: UsageEvent, { deductions, unapplied }: Tracked): DatedDraft {
    const { properties, ...event } = this.#inPlaceOf(before);
    return {
      ...event,
      tail: uuidTail(),
      properties: properties?.text ?? null,
      outcome: { deductions, unapplied },
    };
  }

  /** What the new event has of the call, and what of the one before it. */
  #inPlaceOf({ entityId, featureId, eventName, ...before }: UsageEvent) {
    const { value, timestamp, idempotencyKey } = this.#input;
    if (before.properties === undefined) throw new BrokenInvariantError('properties were read');
    return {
      entityId,
      featureId,
      eventName,
      value: value ?? before.value,
      occurredAt: timestamp ?? before.occurredAt,
      properties: this.#properties ?? before.properties,
      idempotencyKey,
    };
  }

  #resultOf(
    { customerId }: Account,
    { event: before, voiding }: KnownEvent,
    { event: tail, tracked }: StoredDone,
    recordedAt: Instant,
    replayed: boolean,
  ): Result<AmendedEvent> {
    const voided = before.voided ?? (voiding && { ...voiding, voidedAt: recordedAt });
    if (voided === null) throw new BrokenInvariantError('the event has been undone');
    const event = this.#inPlaceOf(before);
    return done({
      scope: this.scope,
      customerId,
      event: {
        ...this.scope,
        ...event,
        id: uuidOf(event.occurredAt, tail),
        recordedAt,
        outcome: tracked,
        voided: null,
        amendsId: this.#input.eventId,
      },
      amended: { ...before, voided },
      reversal: voided.reversal,
      balances: tracked.balances,
      balance: tracked.balance,
      replayed,
    });
  }
}

function idempotencyOf(input: AmendEventInput): Idempotency | null {
  const { eventId, value, properties, timestamp, overageBehavior } = input;
  const { reason, actor, idempotencyKey: key } = input;
  if (key === null) return null;
  const fingerprint = {
    operation: 'amendEvent',
    eventId,
    value: value === null ? null : quantityToText(value),
    properties: properties === null ? null : sha256Hex(canonicalJson(properties)),
    timestamp: timestamp === null ? null : new Date(timestamp).toISOString(),
    overageBehavior,
    reason,
    actor,
  };
  return { key, fingerprint };
}

function amendable(event: UsageEvent, { priced }: Catalog): AmendableEvent {
  const { entityId, featureId, eventName, value, occurredAt, recordedAt, outcome } = event;
  const { deductions } = outcome;
  // Most catalogues have no cost that depends on them.
  const properties = priced.size === 0 ? null : propertiesFromText(event.properties?.text ?? null);
  return { entityId, featureId, eventName, value, properties, occurredAt, recordedAt, deductions };
}
