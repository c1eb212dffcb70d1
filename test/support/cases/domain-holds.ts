/** Calls about reservations, decided by `src/domain` alone, with the few things that the meter adds. */
import type { Account, FeatureBalance } from '../../../src/domain/account.js';
import type { LedgerEntry } from '../../../src/domain/balance.js';
import type { Deduction, Shortfall } from '../../../src/domain/deduction.js';
import type { Catalog } from '../../../src/domain/feature.js';
import { HOLD_MS_USUAL, type Hold } from '../../../src/domain/hold.js';
import { canonicalJson, type Fingerprint } from '../../../src/domain/idempotency.js';
import type { Instant } from '../../../src/domain/interval.js';
import { type Quantity, ZERO } from '../../../src/domain/quantity.js';
import type { Refusal } from '../../../src/domain/refusal.js';
import {
  type Expiry,
  expiryOf,
  type ReserveRequest,
  refuseExpiry,
  reserve,
  reserveFingerprint,
} from '../../../src/domain/reserve.js';
import { capture, extend, findHold, release } from '../../../src/domain/settle.js';
import { refuseUnknown } from '../../../src/domain/track.js';
import { amountOf } from '../model/numbers.js';
import type { PlainExtend, PlainHoldCall, PlainReserve } from './plain.js';

/** A call about a reservation that can be decided, now or by an earlier call with its key. */
export interface HoldCall {
  readonly key: string | undefined;
  readonly fingerprint: Fingerprint;
  /** The account must stand at `now`. */
  decide(account: Account): HoldDecision;
}

export type HoldDecision =
  | { readonly ok: true; readonly done: HoldDone }
  | { readonly ok: false; readonly refusal: Refusal };

export interface HoldDone {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  readonly hold: Hold;
  /** What was captured. */
  readonly value: Quantity;
  readonly balances: readonly FeatureBalance[];
  readonly balance: FeatureBalance | null;
  readonly deductions: readonly Deduction[];
  readonly unapplied: readonly Shortfall[];
}

/** The refusals that precede idempotency, or what is to be decided. */
export function holdCall(
  call: PlainHoldCall,
  account: Account,
  catalog: Catalog,
  now: Instant,
): HoldCall | Refusal {
  if ('reserve' in call) return reserveCall(call.reserve, account, catalog, now);
  const [input, fingerprint] = settled(call);
  const { reservationId, idempotencyKey } = input;
  const found = findHold(account, reservationId);
  if ('code' in found && found.code === 'RESERVATION_NOT_FOUND') return found;
  return {
    key: idempotencyKey,
    fingerprint,
    decide: (current) => settle(call, current, catalog, now),
  };
}

function reserveCall(
  plain: PlainReserve,
  account: Account,
  catalog: Catalog,
  now: Instant,
): HoldCall | Refusal {
  const request: ReserveRequest = {
    customerId: 'customer',
    reservationId: plain.reservationId,
    entityId: plain.entityId ?? null,
    featureId: plain.featureId ?? null,
    eventName: plain.eventName ?? null,
    value: amountOf(plain.value ?? 1),
    properties: plain.properties ?? null,
    overageBehavior: plain.overageBehavior ?? 'REJECT',
    expiry: expiryFrom(plain),
  };
  const unknown = refuseUnknown(account, catalog, { ...request, timestamp: null }, now);
  if (unknown !== null) return unknown;
  const properties = plain.properties === undefined ? null : canonicalJson(plain.properties);
  return {
    key: plain.reservationId,
    fingerprint: reserveFingerprint(request, properties),
    decide: (current) => {
      const invalid = refuseExpiry(request.expiry, now);
      if (invalid !== null) return { ok: false, refusal: invalid };
      const decided = reserve(current, catalog, request, properties, now);
      if (!decided.ok) return decided;
      const { account: after, entries, reserved } = decided;
      return { ok: true, done: { account: after, entries, ...reserved, value: ZERO } };
    },
  };
}

type Settling = Exclude<PlainHoldCall, { readonly reserve: PlainReserve }>;

function settled(call: Settling) {
  if ('capture' in call) {
    const { reservationId, value, final = true, overageBehavior = 'CAP' } = call.capture;
    const print = {
      reservationId,
      value: value?.toString() ?? null,
      final: String(final),
      overageBehavior,
    };
    const properties = canonicalJson(call.capture.properties ?? null);
    return [call.capture, { operation: 'capture', ...print, properties }] as const;
  }
  if ('extend' in call) {
    const { reservationId } = call.extend;
    const expiry = expiryFrom(call.extend);
    const print = {
      reservationId,
      expiresAt: 'at' in expiry ? String(expiry.at) : null,
      expiresInSeconds: 'at' in expiry ? null : String(expiry.afterMs),
    };
    return [call.extend, { operation: 'extend', ...print }] as const;
  }
  const { reservationId } = call.release;
  return [call.release, { operation: 'release', reservationId }] as const;
}

function settle(call: Settling, account: Account, catalog: Catalog, now: Instant): HoldDecision {
  const invalid = 'extend' in call ? refuseExpiry(expiryFrom(call.extend), now) : null;
  if (invalid !== null) return { ok: false, refusal: invalid };
  const hold = findHold(account, settled(call)[0].reservationId);
  if ('code' in hold) return { ok: false, refusal: hold };
  if ('capture' in call) {
    const { value, final = true, overageBehavior = 'CAP', properties = null } = call.capture;
    const request = {
      value: value === undefined ? null : amountOf(value),
      final,
      properties,
      overageBehavior,
    };
    const decided = capture(account, catalog, hold, request, now);
    return decided.ok ? doneOf(decided) : decided;
  }
  if ('extend' in call) {
    return doneOf(extend(account, catalog, hold, expiryOf(expiryFrom(call.extend), now), now));
  }
  return doneOf(release(account, catalog, hold, now));
}

/** The properties of an event of a reservation. */
export function mergedProperties(
  hold: Hold,
  own: Readonly<Record<string, unknown>> | null,
): Readonly<Record<string, unknown>> | null {
  const held = hold.properties ?? null;
  if (own === null) return held === null ? null : (JSON.parse(held) as Record<string, unknown>);
  return { ...(held !== null && (JSON.parse(held) as Record<string, unknown>)), ...own };
}

function doneOf({ account, entries, settled: done }: ReturnType<typeof release>): HoldDecision {
  return { ok: true, done: { account, entries, ...done } };
}

function expiryFrom({ expiresAt, expiresInSeconds }: PlainReserve | PlainExtend): Expiry {
  if (expiresAt !== undefined) return { at: Date.parse(expiresAt) };
  return {
    afterMs: expiresInSeconds === undefined ? HOLD_MS_USUAL : expiresInSeconds * 1_000,
  };
}
