import { type Account, withBalances } from './account.js';
import type { Balance, LedgerEntry } from './balance.js';
import { fractionOf, lessAtCost } from './cost.js';
import type { Charged, Deduction } from './deduction.js';
import type { Catalog } from './feature.js';
import { partOf, type Take, withReserved } from './held.js';
import {
  type HeldCharge,
  HOLD_MS_MAX,
  HOLD_MS_MIN,
  HOLDS_MAX,
  type Hold,
  TAKES_MAX,
  takesIn,
  withHold,
} from './hold.js';
import type { Fingerprint } from './idempotency.js';
import type { Instant } from './interval.js';
import { type Plan, planUsage, type Usage } from './plan.js';
import { maxQuantity, type Quantity, quantityToText, ZERO } from './quantity.js';
import { invalidInput, type Refusal, tooManyReservations } from './refusal.js';
import { recordUse, type Tracked, theOne, views } from './track.js';
import { explainedRefusal } from './why-not.js';

/** When a reservation expires: at an instant, or after a time. */
export type Expiry = { readonly at: Instant } | { readonly afterMs: number };

/** A normalised call (R23). */
export interface ReserveRequest extends Usage {
  readonly customerId: string;
  readonly reservationId: string;
  readonly expiry: Expiry;
}

/** What was set aside, and what is left. */
export interface Reserved extends Tracked {
  readonly hold: Hold;
}

export type ReserveDecision =
  | {
      readonly ok: true;
      readonly account: Account;
      readonly entries: readonly LedgerEntry[];
      readonly reserved: Reserved;
    }
  | { readonly ok: false; readonly refusal: Refusal };

export function expiryOf(expiry: Expiry, now: Instant): Instant {
  return 'at' in expiry ? expiry.at : now + expiry.afterMs;
}

/** Whether the reservation would expire too soon or too late; only an instant can, as times have been checked. */
export function refuseExpiry(expiry: Expiry, now: Instant): Refusal | null {
  const at = expiryOf(expiry, now);
  if (at >= now + HOLD_MS_MIN && at <= now + HOLD_MS_MAX) return null;
  return invalidInput([
    {
      path: 'expiresAt',
      value: JSON.stringify(new Date(at).toISOString()),
      rule: 'range',
      message:
        "must be at least 1 second and at most 30 days after the database's clock, " +
        `${new Date(now).toISOString()}.`,
    },
  ]);
}

/** From when on, and before when, an expiry is neither too late nor too soon; null for one that never is. */
export function expiryWindow(expiry: Expiry): { from: Instant; until: Instant } | null {
  if (!('at' in expiry)) return null;
  return { from: expiry.at - HOLD_MS_MAX, until: expiry.at - HOLD_MS_MIN + 1 };
}

/** Sets the amount aside that the same usage would take (R24). The account must stand at `now`. */
export function reserve(
  account: Account,
  catalog: Catalog,
  request: ReserveRequest,
  properties: string | null,
  now: Instant,
): ReserveDecision {
  if (account.holds.length >= HOLDS_MAX) {
    return { ok: false, refusal: tooManyReservations('reservations', HOLDS_MAX) };
  }
  const plan = planUsage(account, catalog, request, now);
  const refusal = explainedRefusal(account, catalog, request, plan, now, 'reserve');
  if (refusal !== null) return { ok: false, refusal };
  const hold = holdOf(request, plan, properties, now);
  if (takesIn(account.holds) + takesIn([hold]) > TAKES_MAX) {
    return { ok: false, refusal: tooManyReservations('amounts', TAKES_MAX) };
  }
  const { recorded, entries } = recordUse(account, setAside(account, plan), 'RESERVE');
  const balances = views(recorded, plan, request, now);
  const deductions: readonly Deduction[] = plan.charges.flatMap(
    ({ charged }) => charged.deductions,
  );
  return {
    ok: true,
    account: withHold(recorded, hold),
    entries,
    reserved: {
      hold,
      balances,
      balance: theOne(balances, request),
      deductions,
      unapplied: plan.unapplied,
    },
  };
}

/** The account with all that the plan takes reserved, where the plan would have it used. */
function setAside(account: Account, { charges }: Plan): Account {
  const changed = new Map<string, Balance>();
  const before = new Map(account.balances.map((balance) => [balance.id, balance]));
  for (const { charged } of charges) {
    for (const { slot, amount } of charged.takings) {
      const { id } = slot.balance;
      const balance = changed.get(id) ?? before.get(id) ?? slot.balance;
      changed.set(id, withReserved(balance, slot.rollover, amount));
    }
  }
  return withBalances(account, [...changed.values()]);
}

function holdOf(
  request: ReserveRequest,
  { charges }: Plan,
  properties: string | null,
  now: Instant,
): Hold {
  const { value } = request;
  const held = charges.map(
    ({ feature, charged }): HeldCharge => ({
      featureId: feature.id,
      held: heldOf(charged, value),
      takes: charged.takings.map(takeOf),
    }),
  );
  return {
    id: request.reservationId,
    entityId: request.entityId,
    featureId: request.featureId,
    eventName: request.eventName,
    value,
    held: mostHeld(held, value),
    used: ZERO,
    charges: held,
    properties,
    createdAt: now,
    expiresAt: expiryOf(request.expiry, now),
    ended: null,
  };
}

function takeOf({ slot, amount }: Charged['takings'][number]): Take {
  const { balance, rollover, cost } = slot;
  const part = rollover === null ? undefined : balance.rollovers[rollover];
  return {
    balanceId: balance.id,
    part: part === undefined ? 'MAIN' : partOf(part),
    amount,
    cost,
  };
}

/** How much of the value is held, in units of the charged feature; rounded down, where it is less. */
function heldOf({ shortfall, takings }: Charged, value: Quantity): Quantity {
  if (shortfall === null) return value;
  const left = takings.reduce(
    (rest, { slot, amount }) => lessAtCost(rest, amount, slot.cost),
    fractionOf(value),
  );
  const missing = (left.numerator + left.denominator - 1n) / left.denominator;
  return missing < value ? value - missing : ZERO;
}

/** The most that is held for one of the charges; all of the value where nothing is charged. */
export function mostHeld(charges: readonly HeldCharge[], value: Quantity): Quantity {
  if (charges.length === 0) return value;
  return charges.reduce((most, { held }) => maxQuantity(most, held), ZERO);
}

/** The parts of a request that a retry must repeat, in the order in which a difference is named (R17, R23). */
export function reserveFingerprint(
  request: ReserveRequest,
  propertiesDigest: string | null,
): Fingerprint {
  const { expiry } = request;
  return {
    operation: 'reserveBalance',
    featureId: request.featureId,
    eventName: request.eventName,
    value: quantityToText(request.value),
    properties: propertiesDigest,
    entityId: request.entityId,
    expiresAt: 'at' in expiry ? new Date(expiry.at).toISOString() : null,
    expiresInSeconds: 'at' in expiry ? null : String(expiry.afterMs / 1_000),
    overageBehavior: request.overageBehavior,
  };
}
