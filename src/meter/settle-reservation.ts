import type { Account } from '../domain/account.js';
import type { OverageBehavior } from '../domain/deduction.js';
import type { Catalog } from '../domain/feature.js';
import type { Hold } from '../domain/hold.js';
import { canonicalJson, type Fingerprint } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import { type Quantity, quantityToText, ZERO } from '../domain/quantity.js';
import { notFound, type Refusal } from '../domain/refusal.js';
import { type Expiry, expiryOf, expiryWindow, refuseExpiry } from '../domain/reserve.js';
import {
  type CaptureDecision,
  capture,
  extend,
  findHold,
  release,
  type Settled,
} from '../domain/settle.js';
import { sha256Hex } from '../platform/digest.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import { JsonText } from '../platform/json-text.js';
import { customerScope } from './customer-key.js';
import { mergedProperties, refuseMerged } from './merged-properties.js';
import {
  deciding,
  doneOf,
  forbidToken,
  type ReservationDone,
  refusalOf,
  refusing,
} from './reservation.js';
import type { CustomerScope, JsonObject, UsageEvent } from './store.js';
import {
  reservationFromJson,
  reservationToJson,
  type StoredReservation,
} from './stored/reservation.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { Command, type Decision, type Facts, type Idempotency } from './write/command.js';
import { entryDraft } from './write/entry-draft.js';
import type { CapturedEventDraft, EventDraft } from './write/write-path.js';

interface SettleInput {
  readonly customerId: string;
  readonly reservationId: string;
  readonly idempotencyKey: string | null;
}

export interface CaptureReservationInput extends SettleInput {
  /** Null for all that is held. */
  readonly value: Quantity | null;
  readonly final: boolean;
  readonly overageBehavior: OverageBehavior;
  readonly properties: JsonObject | null;
}

export interface ExtendReservationInput extends SettleInput {
  readonly expiry: Expiry;
}

export type ReleaseReservationInput = SettleInput;

/** What a capture did. */
export interface CapturedReservation extends ReservationDone {
  /** Null if nothing was captured; only its id if it was recorded by an earlier call with the same key. */
  readonly event: UsageEvent | { readonly id: string } | null;
}

/** Makes what was set aside final: in full or in part, or with more than that (R25). */
export function captureReservation(
  ctx: VerbContext,
  input: CaptureReservationInput,
): Promise<Result<CapturedReservation>> {
  const { value, final, overageBehavior, properties } = input;
  const digest = properties === null ? null : sha256Hex(canonicalJson(properties));
  return settle(ctx, input, {
    fingerprint: {
      operation: 'captureReservation',
      reservationId: input.reservationId,
      value: value === null ? null : quantityToText(value),
      final: String(final),
      overageBehavior,
      properties: digest,
    },
    properties,
    act: (account, hold, { catalog, now }) => capture(account, catalog, hold, input, now),
  });
}

/** Moves the expiry of a reservation (R26). */
export function extendReservation(
  ctx: VerbContext,
  input: ExtendReservationInput,
): Promise<Result<ReservationDone>> {
  const { expiry } = input;
  return settle(ctx, input, {
    fingerprint: {
      operation: 'extendReservation',
      reservationId: input.reservationId,
      expiresAt: 'at' in expiry ? new Date(expiry.at).toISOString() : null,
      expiresInSeconds: 'at' in expiry ? null : String(expiry.afterMs / 1_000),
    },
    expiry,
    act: (account, hold, { catalog, now }) =>
      extend(account, catalog, hold, expiryOf(expiry, now), now),
  });
}

/** Gives back what a reservation still holds (R26). */
export function releaseReservation(
  ctx: VerbContext,
  input: ReleaseReservationInput,
): Promise<Result<ReservationDone>> {
  return settle(ctx, input, {
    fingerprint: { operation: 'releaseReservation', reservationId: input.reservationId },
    act: (account, hold, { catalog, now }) => release(account, catalog, hold, now),
  });
}

interface Action {
  readonly fingerprint: Fingerprint;
  readonly properties?: JsonObject | null;
  /** Of an extension. */
  readonly expiry?: Expiry;
  readonly act: (account: Account, hold: Hold, facts: Facts) => CaptureDecision;
}

async function settle(
  { caller, writeQueue, execution }: VerbContext,
  input: SettleInput,
  action: Action,
): Promise<Result<CapturedReservation>> {
  forbidToken(caller);
  return writeQueue.submit(new SettleCommand(caller.projectId, input, action), execution);
}

const EVENT_BYTES = 2_000;

type Stored = Extract<StoredReservation, { hold: unknown }>;

class SettleCommand extends Command<CapturedReservation> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly reservationId: string;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  override readonly decisionEndsAt: Instant | null;
  readonly #input: SettleInput;
  readonly #action: Action;

  constructor(projectId: string, input: SettleInput, action: Action) {
    super();
    const { customerId, reservationId, idempotencyKey: key } = input;
    this.#input = input;
    this.#action = action;
    this.scope = customerScope(projectId, customerId);
    this.reservationId = reservationId;
    const window = action.expiry === undefined ? null : expiryWindow(action.expiry);
    this.decisionChangesAt = window?.from ?? null;
    this.decisionEndsAt = window?.until ?? null;
    this.idempotency = key === null ? null : { key, fingerprint: action.fingerprint };
    const { properties = null } = action;
    this.bytes = EVENT_BYTES + (properties === null ? 0 : JSON.stringify(properties).length);
  }

  /** How many features the reservation charges is not known before it is read. */
  override passes(catalog: () => Catalog | undefined): number {
    return catalog()?.chargedMax ?? 1;
  }

  refuse({ account, now }: Facts): Refusal | null {
    const { expiry } = this.#action;
    const invalid = expiry === undefined ? null : refuseExpiry(expiry, now);
    if (invalid !== null) return invalid;
    if (account === null) return notFound('CUSTOMER_NOT_FOUND', this.#input.customerId);
    const found = findHold(account, this.reservationId);
    if ('code' in found) return found.code === 'RESERVATION_NOT_FOUND' ? found : null;
    return refuseMerged(found.properties ?? null, this.#action.properties ?? null);
  }

  decide(account: Account, facts: Facts): Decision<CapturedReservation> {
    const hold = findHold(account, this.reservationId);
    if ('code' in hold) return refusing(hold, reservationToJson);
    const decided = this.#action.act(account, hold, facts);
    if (!decided.ok) return refusing(decided.refusal, reservationToJson);
    const { account: after, entries, settled } = decided;
    const event = settled.value === ZERO ? null : this.#eventOf(hold, settled);
    const stored = storedOf(settled, event);
    const ofEntries = entries.map((entry) => entryDraft(entry, causeOf(entry.kind, event)));
    const rows =
      event === null ? { entries: ofEntries } : { entries: ofEntries, capturedEvents: [event] };
    return deciding(
      { account: after, rows },
      () => reservationToJson(stored),
      (recordedAt) => ({
        ...doneOf(this.scope, this.#input.customerId, stored, false),
        event: event && this.#recorded(event, recordedAt),
      }),
    );
  }

  replay(json: unknown, recordedAt: Instant): Result<CapturedReservation> {
    const stored = reservationFromJson(json);
    if (!('hold' in stored)) return refuse(refusalOf(stored, 'capture'));
    const event = stored.event === null ? null : { id: uuidOf(recordedAt, stored.event) };
    return done({ ...doneOf(this.scope, this.#input.customerId, stored, true), event });
  }

  #eventOf(hold: Hold, settled: Taken): CapturedEventDraft {
    return {
      tail: uuidTail(),
      occurredAt: null,
      entityId: hold.entityId,
      featureId: hold.featureId,
      eventName: hold.eventName,
      value: settled.value,
      properties: mergedProperties(hold.properties ?? null, this.#action.properties ?? null),
      idempotencyKey: this.#input.idempotencyKey,
      outcome: {
        deductions: settled.deductions,
        unapplied: settled.unapplied,
      },
      reservationId: hold.id,
    };
  }

  /** Written out, because a rest and two spreads take far longer. */
  #recorded(event: CapturedEventDraft, recordedAt: Instant): UsageEvent {
    const { properties } = event;
    return {
      projectId: this.scope.projectId,
      customerKey: this.scope.customerKey,
      id: uuidOf(recordedAt, event.tail),
      entityId: event.entityId,
      featureId: event.featureId,
      eventName: event.eventName,
      value: event.value,
      properties: properties === null ? null : new JsonText(properties),
      occurredAt: recordedAt,
      recordedAt,
      idempotencyKey: event.idempotencyKey,
      reservationId: event.reservationId,
      outcome: event.outcome,
      voided: null,
      amendsId: null,
    };
  }
}

type Taken = Pick<Stored, 'value' | 'deductions' | 'unapplied'>;

function storedOf(settled: Settled, event: EventDraft | null) {
  const { hold, value, balances, deductions, unapplied } = settled;
  return { hold, value, event: event?.tail ?? null, balances, deductions, unapplied };
}

/** What was released or lost is not the event's. */
function causeOf(kind: string, event: EventDraft | null): EventDraft | null {
  return kind === 'CAPTURE' || kind === 'TRACK' ? event : null;
}
