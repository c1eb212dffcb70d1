import { present } from './assert.js';
import type { Shortfall } from './deduction.js';
import type { FeatureUse } from './feature-use.js';
import type { Hold, HoldEnd } from './hold.js';
import type { Instant } from './interval.js';
import { type Quantity, quantityToText, ZERO } from './quantity.js';

/**
 * Every code of a typed refusal. The order is their precedence: if several apply, the first is
 * returned.
 */
export const REFUSAL_CODES = [
  'INVALID_INPUT',
  'CUSTOMER_NOT_FOUND',
  'ENTITY_NOT_FOUND',
  'FEATURE_NOT_FOUND',
  'EVENT_NAME_NOT_FOUND',
  'BALANCE_NOT_FOUND',
  'RESERVATION_NOT_FOUND',
  'EVENT_NOT_FOUND',
  'PROJECT_NOT_FOUND',
  'API_KEY_NOT_FOUND',
  'SCOPES_NOT_HELD',
  'API_KEY_ENDED',
  'ALREADY_EXISTS',
  'IDEMPOTENCY_CONFLICT',
  'FEATURE_ARCHIVED',
  'FEATURE_IN_USE',
  'RESERVATION_ENDED',
  'TOO_MANY_RESERVATIONS',
  'EVENT_VOIDED',
  'INSUFFICIENT_BALANCE',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Limits on usage and on spending have their own reasons once there are such limits. */
export const DENIAL_REASONS = [
  'NOT_HELD',
  'INSUFFICIENT_BALANCE',
  'USAGE_LIMIT',
  'SPEND_LIMIT',
] as const;

export type DenialReason = (typeof DENIAL_REASONS)[number];

/** Why usage is not allowed, and what would be (R21). */
export interface WhyNot {
  readonly reason: DenialReason;
  /** The largest value that would be accepted now; null if not even 0 would, or if it takes too long to find. */
  readonly largestAllowed: Quantity | null;
  /** The next instant at which this can change by itself; null for never. */
  readonly nextChangeAt: Instant | null;
}

/** One rule of the input that was broken. */
export interface InputIssue {
  /** Where: `value`, `properties.tags.3`. */
  readonly path: string;
  /** The offending value as JSON text, cut to a readable length. */
  readonly value: string;
  /** Which rule: `decimals`, `future`, `exactly_one`... */
  readonly rule: string;
  readonly message: string;
}

/** A typed "no": data, not an exception. Nothing was written. */
export type Refusal =
  | {
      readonly code: 'INVALID_INPUT';
      readonly message: string;
      readonly issues: readonly InputIssue[];
    }
  | NotFound
  | {
      readonly code: 'SCOPES_NOT_HELD';
      readonly message: string;
      /** The names of those that the caller lacks. */
      readonly scopes: readonly string[];
    }
  | { readonly code: 'API_KEY_ENDED'; readonly message: string }
  | { readonly code: 'ALREADY_EXISTS'; readonly message: string }
  | {
      readonly code: 'IDEMPOTENCY_CONFLICT';
      readonly message: string;
      readonly idempotencyKey: string;
      /** The first field that differs from the call that used the key first. */
      readonly field: string;
    }
  | FeatureArchived
  | FeatureInUse
  | {
      readonly code: 'RESERVATION_ENDED';
      readonly message: string;
      readonly how: HoldEnd;
      readonly endedAt: Instant;
      /** What was captured of it. */
      readonly used: Quantity;
    }
  | {
      readonly code: 'TOO_MANY_RESERVATIONS';
      readonly message: string;
      readonly what: 'reservations' | 'amounts';
      readonly most: number;
      readonly replayed: boolean;
    }
  | EventVoided
  | {
      readonly code: 'INSUFFICIENT_BALANCE';
      readonly message: string;
      readonly missing: readonly Shortfall[];
      /** Null if an earlier release stored the refusal. */
      readonly why: WhyNot | null;
      readonly replayed: boolean;
    };

/** Nothing new can be based on the feature. */
export interface FeatureArchived {
  readonly code: 'FEATURE_ARCHIVED';
  readonly message: string;
  readonly featureId: string;
}

/** The feature cannot be deleted. */
export interface FeatureInUse {
  readonly code: 'FEATURE_IN_USE';
  readonly message: string;
  readonly uses: readonly FeatureUse[];
}

/** An event counts no longer, so nothing can take its place. */
export interface EventVoided {
  readonly code: 'EVENT_VOIDED';
  readonly message: string;
  readonly voidedAt: Instant;
  /** The event in its place, of the same customer; null if it was only undone. */
  readonly amendedBy: { readonly customerKey: string; readonly id: string } | null;
}

/** Whether a result is a refusal, and not what a verb did. */
export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    REFUSAL_CODES.some((code) => code === value.code)
  );
}

export type NotFoundCode = Extract<RefusalCode, `${string}_NOT_FOUND`>;

export interface NotFound {
  readonly code: NotFoundCode;
  readonly message: string;
}

/** How much of what was sent a message repeats at most. */
const ECHO_CHARS_MAX = 200;

/** A value within a message. */
export function quoted(text: string): string {
  const short = text.length <= ECHO_CHARS_MAX ? `"${text}"` : `"${text.slice(0, ECHO_CHARS_MAX)}…"`;
  // Strict JSON parsers refuse half a character.
  return short.toWellFormed();
}

export function invalidInput(issues: readonly InputIssue[]): Refusal {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const message =
    first === undefined ? 'The input is invalid.' : `${first.path}: ${first.message}${more}`;
  return { code: 'INVALID_INPUT', message, issues };
}

const NOT_FOUND: Record<NotFoundCode, (id: string) => string> = {
  CUSTOMER_NOT_FOUND: (id) =>
    `No customer has the id ${quoted(id)}. Create it with createCustomer first.`,
  ENTITY_NOT_FOUND: (id) =>
    `The customer has no entity with the id ${quoted(id)}. Create it with createEntity first.`,
  FEATURE_NOT_FOUND: (id) =>
    `No feature has the id ${quoted(id)}. Create it with createFeature first.`,
  EVENT_NAME_NOT_FOUND: (id) =>
    `No feature lists the event name ${quoted(id)}. Add it to a feature's eventNames with updateFeature first.`,
  BALANCE_NOT_FOUND: (id) =>
    `The customer has no balance with the id ${quoted(id)}, or it has ended. Query balances { breakdown { id balanceId } } for those that it has.`,
  RESERVATION_NOT_FOUND: (id) =>
    `The customer has no reservation with the id ${quoted(id)}. Make it with reserveBalance first.`,
  EVENT_NOT_FOUND: (id) =>
    `No usage event has the id ${quoted(id)}, or its customer has been deleted. Send the id that trackBalance has returned, or query events.`,
  PROJECT_NOT_FOUND: (id) =>
    `The key that was sent gives access to no project with the id ${quoted(id)}. Omit projectId for the project of that key.`,
  API_KEY_NOT_FOUND: (id) =>
    `No key with the id ${quoted(id)} can be managed with the key that was sent. Query apiKeys for those that can.`,
};

export function notFound(code: NotFoundCode, id: string): NotFound {
  return { code, message: NOT_FOUND[code](id) };
}

/** What a call is repeated by: its key, or the id that it gives to what it makes. */
export type RepeatedBy = 'idempotencyKey' | 'reservationId';

export function idempotencyConflict(
  idempotencyKey: string,
  field: string,
  by: RepeatedBy = 'idempotencyKey',
): Refusal {
  const [what, another] =
    by === 'reservationId'
      ? ['reservationId', 'for a new reservation, use a new id.']
      : ['idempotency key', 'for a new call, use a new key.'];
  const difference =
    field === OPERATION
      ? 'for a different operation.'
      : `with different input. The first field that differs is ${field}.`;
  return {
    code: 'IDEMPOTENCY_CONFLICT',
    message:
      `The ${what} ${quoted(idempotencyKey)} was first used ${difference} ` +
      `To get its result again, repeat the first call unchanged; ${another}`,
    idempotencyKey,
    field,
  };
}

/** The part of every fingerprint that keeps the keys of different verbs apart. */
const OPERATION = 'operation';

const ENDED: Record<HoldEnd, string> = {
  CAPTURED: 'was captured',
  RELEASED: 'was released',
  EXPIRED: 'expired',
};

export function reservationEnded({ id, ended, used }: Hold): Refusal {
  const { how, at } = present(ended, 'a reservation that has ended');
  const when = new Date(at).toISOString();
  return {
    code: 'RESERVATION_ENDED',
    message:
      `The reservation ${quoted(id)} ${ENDED[how]} at ${when}; ${quantityToText(used)} of it was used. ` +
      'Nothing of it is held any longer: record further usage with trackBalance.',
    how,
    endedAt: at,
    used,
  };
}

export function tooManyReservations(
  what: 'reservations' | 'amounts',
  most: number,
  replayed = false,
): Refusal {
  const held =
    what === 'reservations'
      ? `${most} reservations that have not ended`
      : `${most} amounts held by its reservations`;
  return {
    code: 'TOO_MANY_RESERVATIONS',
    message: `The customer has ${held}, and there can be no more. Capture or release some of them first.`,
    what,
    most,
    replayed,
  };
}

/** What was to be done that the balances cannot cover. */
export type CoveredVerb = 'track' | 'reserve' | 'capture' | 'amend';

export function insufficientBalance(
  missing: readonly Shortfall[],
  verb: CoveredVerb,
  why: WhyNot | null = null,
  replayed = false,
): Refusal {
  const told =
    why?.reason === 'NOT_HELD'
      ? `${toldNotHeld(missing)} Nothing was written. Grant one with createBalance.`
      : `${missing.map(toldMissing).join(' ')} Nothing was written. ` +
        `Grant more, or ${verb} with overageBehavior CAP or OVERFLOW.`;
  return { code: 'INSUFFICIENT_BALANCE', message: told, missing, why, replayed };
}

function toldMissing({ featureId, amount }: Shortfall): string {
  return amount === ZERO
    ? `No balance of ${quoted(featureId)} is held.`
    : `Missing ${quantityToText(amount)} of ${quoted(featureId)}.`;
}

/** Without a balance that can pay, overage has nothing to be counted on. Of several features, others may be held. */
function toldNotHeld(missing: readonly Shortfall[]): string {
  const ids = [...new Set(missing.map(({ chargedFeatureId }) => quoted(chargedFeatureId)))];
  const some = ids.length === 1 ? '' : 'one or more of ';
  return (
    `No balance is held that can pay for ${some}${ids.join(', ')}: ` +
    'neither one of the feature itself nor one of a credit system with a cost that applies.'
  );
}
