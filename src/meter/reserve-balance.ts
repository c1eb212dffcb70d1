import type { Account } from '../domain/account.js';
import type { Catalog } from '../domain/feature.js';
import { canonicalJson } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import {
  expiryWindow,
  type ReserveRequest,
  refuseExpiry,
  reserve,
  reserveFingerprint,
} from '../domain/reserve.js';
import { refuseUnknown } from '../domain/track.js';
import { sha256Hex } from '../platform/digest.js';
import { JsonText } from '../platform/json-text.js';
import { customerScope } from './customer-key.js';
import {
  deciding,
  doneOf,
  forbidToken,
  type ReservationDone,
  refusalOf,
  refusing,
} from './reservation.js';
import type { CustomerScope, JsonObject } from './store.js';
import { reservationFromJson, reservationToJson } from './stored/reservation.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { Command, type Decision, type Facts, type Idempotency } from './write/command.js';
import { entryDraft } from './write/entry-draft.js';

/** A call whose own rules have been checked. Its reservation id is also its idempotency key (R23). */
export interface ReserveBalanceInput extends ReserveRequest {
  readonly properties: JsonObject | null;
}

/** Sets an amount aside until it is captured or released, or expires (R23, R24), exactly once. */
export async function reserveBalance(
  ctx: VerbContext,
  input: ReserveBalanceInput,
): Promise<Result<ReservationDone>> {
  forbidToken(ctx.caller);
  return ctx.writeQueue.submit(
    new ReserveBalanceCommand(ctx.caller.projectId, input),
    ctx.execution,
  );
}

/** Beyond its properties, a reservation is about this large in a batch. */
const RESERVATION_BYTES = 2_000;

class ReserveBalanceCommand extends Command<ReservationDone> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly entityId: string | null;
  override readonly idempotency: Idempotency;
  override readonly decisionChangesAt: Instant | null;
  override readonly decisionEndsAt: Instant | null;
  readonly #input: ReserveBalanceInput;
  readonly #properties: string | null;

  constructor(projectId: string, input: ReserveBalanceInput) {
    super();
    const { properties } = input;
    const digest = properties === null ? null : sha256Hex(canonicalJson(properties));
    this.#input = input;
    this.scope = customerScope(projectId, input.customerId);
    this.entityId = input.entityId;
    const window = expiryWindow(input.expiry);
    this.decisionChangesAt = window?.from ?? null;
    this.decisionEndsAt = window?.until ?? null;
    this.idempotency = {
      key: input.reservationId,
      by: 'reservationId',
      fingerprint: reserveFingerprint(input, digest),
    };
    this.#properties = properties === null ? null : JsonText.of(properties).text;
    this.bytes = RESERVATION_BYTES + (this.#properties?.length ?? 0);
  }

  /** Each feature that lists the event name is charged. */
  override passes(catalog: () => Catalog | undefined): number {
    const { eventName } = this.#input;
    return eventName === null ? 1 : (catalog()?.byEventName.get(eventName)?.length ?? 1);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return (
      refuseExpiry(this.#input.expiry, now) ?? refuseUnknown(account, catalog, this.#input, now)
    );
  }

  decide(account: Account, { catalog, now }: Facts): Decision<ReservationDone> {
    const decided = reserve(account, catalog, this.#input, this.#properties, now);
    if (!decided.ok) return refusing(decided.refusal, reservationToJson);
    const { account: after, entries, reserved } = decided;
    const { hold, balances, deductions, unapplied } = reserved;
    const stored = { hold, value: hold.value, event: null, balances, deductions, unapplied };
    const rows = { entries: entries.map((entry) => entryDraft(entry, null)) };
    return deciding(
      { account: after, rows },
      () => reservationToJson(stored),
      () => doneOf(this.scope, this.#input.customerId, stored, false),
    );
  }

  replay(json: unknown, _recordedAt: Instant): Result<ReservationDone> {
    const stored = reservationFromJson(json);
    if (!('hold' in stored)) return refuse(refusalOf(stored, 'reserve'));
    // The same properties, because the fingerprint has their digest.
    const hold = { ...stored.hold, properties: this.#properties };
    return done(doneOf(this.scope, this.#input.customerId, { ...stored, hold }, true));
  }
}
