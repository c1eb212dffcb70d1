/** What the verbs of reservations have in common. */
import type { FeatureBalance } from '../domain/account.js';
import type { Quantity } from '../domain/quantity.js';
import { insufficientBalance, type Refusal, tooManyReservations } from '../domain/refusal.js';
import { theOne } from '../domain/track.js';
import { ForbiddenError } from './access/forbidden.js';
import type { CustomerScope, EventOutcome } from './store.js';
import type { StoredHold, StoredReservation } from './stored/reservation.js';
import { type Caller, done, type Result, refuse } from './verb.js';
import type { Changes, Decision } from './write/command.js';

/** A reservation, and where it is; what is not known of it is read when it is needed. */
export interface Reservation extends StoredHold, CustomerScope {
  readonly properties?: string | null | undefined;
}

/** What a call about a reservation did, and what is left. */
export interface ReservationDone extends EventOutcome {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly reservation: Reservation;
  /** What was captured. */
  readonly value: Quantity;
  readonly balances: readonly FeatureBalance[];
  readonly balance: FeatureBalance | null;
  readonly replayed: boolean;
}

/** A customer that could end reservations itself would not be charged, and one that chose their ids could block its project's server. */
export function forbidToken({ only }: Caller): void {
  if (only === undefined) return;
  throw new ForbiddenError(
    'With a customer token, nothing can be reserved, captured, extended or released. Nothing was done. Let your server make this call.',
    [],
  );
}

/** The refusals that are stored under a key, so that a late repetition holds nothing (R17). */
export function storedRefusal(refusal: Refusal): StoredReservation | null {
  if (refusal.code === 'INSUFFICIENT_BALANCE') {
    return { missing: refusal.missing, why: refusal.why };
  }
  if (refusal.code === 'TOO_MANY_RESERVATIONS') return { tooMany: [refusal.what, refusal.most] };
  return null;
}

/** The refusal that was stored, of a call that is repeated. */
export function refusalOf(
  stored: Exclude<StoredReservation, { hold: StoredHold }>,
  verb: 'reserve' | 'capture',
): Refusal {
  return 'missing' in stored
    ? insufficientBalance(stored.missing, verb, stored.why, true)
    : tooManyReservations(...stored.tooMany, true);
}

/** A refusal as a decision that changes nothing. */
export function refusing<T>(
  refusal: Refusal,
  toJson: (stored: StoredReservation) => string,
): Decision<T> {
  const stored = storedRefusal(refusal);
  return {
    changes: null,
    storedResult: () => (stored === null ? null : toJson(stored)),
    result: () => refuse(refusal),
  };
}

export function deciding<T>(
  changes: Changes,
  storedResult: () => string,
  value: (recordedAt: number) => T,
): Decision<T> {
  return { changes, storedResult, result: (recordedAt): Result<T> => done(value(recordedAt)) };
}

type Stored = Extract<StoredReservation, { hold: StoredHold }>;

/** The result, from what was done or from what was stored of it, which has no properties. */
export function doneOf(
  scope: CustomerScope,
  customerId: string,
  stored: Omit<Stored, 'hold'> & { readonly hold: HoldShown },
  replayed: boolean,
): ReservationDone {
  const { hold, value, balances, deductions, unapplied } = stored;
  return {
    scope,
    customerId,
    reservation: reservationOf(scope, hold),
    value,
    balances,
    balance: theOne(balances, hold),
    deductions,
    unapplied,
    replayed,
  };
}

type HoldShown = StoredHold & Pick<Reservation, 'properties'>;

/** Written out, because every call passes here and two spreads take far longer. */
function reservationOf({ projectId, customerKey }: CustomerScope, hold: HoldShown): Reservation {
  return {
    projectId,
    customerKey,
    id: hold.id,
    entityId: hold.entityId,
    featureId: hold.featureId,
    eventName: hold.eventName,
    value: hold.value,
    held: hold.held,
    used: hold.used,
    properties: hold.properties,
    createdAt: hold.createdAt,
    expiresAt: hold.expiresAt,
    ended: hold.ended,
  };
}
