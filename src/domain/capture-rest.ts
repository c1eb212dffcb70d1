/** What a capture tracks, because it is beyond what is held or has another cost (R25), and why it may not. */
import { type Account, replaceBalances } from './account.js';
import { earliest } from './advance.js';
import type { LedgerEntry } from './balance.js';
import { Charging } from './charging.js';
import type { Deduction, OverageBehavior, Shortfall } from './deduction.js';
import { type Catalog, payersOf } from './feature.js';
import type { Hold } from './hold.js';
import type { Instant } from './interval.js';
import { bisect, largestAllowed, SEARCHED_MAX } from './largest-allowed.js';
import { type Plan, planUsage, type Usage } from './plan.js';
import { minQuantity, QUANTITY_INPUT_MAX, type Quantity, ZERO } from './quantity.js';
import { insufficientBalance, type Refusal, type WhyNot } from './refusal.js';
import type { CapturedUsage, SplitCharge } from './split-charge.js';
import { recordUse } from './track.js';
import { nextChangeOf } from './why-not.js';

export type Rest =
  | {
      readonly ok: true;
      readonly account: Account;
      readonly entries: readonly LedgerEntry[];
      readonly deductions: readonly Deduction[];
      readonly unapplied: readonly Shortfall[];
    }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      /** Of each feature of which something was to be tracked. */
      readonly planned: readonly PlannedRest[];
    };

interface PlannedRest {
  readonly usage: Usage;
  readonly plan: Plan;
}

/** What a capture is of. */
export interface CapturedHold {
  readonly hold: Hold;
  readonly usage: CapturedUsage;
  readonly split: readonly SplitCharge[];
}

/** Tracks all of the rest or none, on what the capture of the reservation itself leaves. */
export function trackRest(
  start: Account,
  catalog: Catalog,
  { hold, usage, split }: CapturedHold,
  overageBehavior: OverageBehavior,
  now: Instant,
): Rest {
  const charging = new Charging(start, split.length);
  const missing: Shortfall[] = [];
  const deductions: Deduction[] = [];
  const unapplied: Shortfall[] = [];
  const planned: PlannedRest[] = [];
  const { properties } = usage;
  for (const { beyond, rest } of split) {
    if (beyond === ZERO) continue;
    const { featureId } = rest;
    const one = { entityId: hold.entityId, featureId, eventName: null, properties };
    const asked: Usage = { ...one, value: beyond, overageBehavior };
    const payers = payersOf(catalog, featureId, properties);
    const able = replaceBalances(start, charging.balancesOf(payers));
    const plan = planUsage(able, catalog, asked, now);
    planned.push({ usage: asked, plan });
    const { refusal } = plan;
    if (refusal !== null && !('missing' in refusal)) return { ok: false, refusal, planned };
    if (refusal !== null) missing.push(...refusal.missing);
    charging.replace(plan.charges.flatMap(({ charged }) => charged.balances));
    unapplied.push(...plan.unapplied);
    deductions.push(...plan.charges.flatMap(({ charged }) => charged.deductions));
  }
  if (missing.length > 0) {
    return { ok: false, refusal: insufficientBalance(missing, 'capture'), planned };
  }
  const { recorded, entries } = recordUse(start, charging.account());
  return { ok: true, account: recorded, entries, deductions, unapplied };
}

/** A capture whose rest the balances cannot cover. */
export interface RefusedCapture extends CapturedHold {
  /** Before the capture, and what the rest was to be tracked on. */
  readonly account: Account;
  readonly start: Account;
  readonly isFinal: boolean;
  readonly value: Quantity;
  readonly planned: readonly PlannedRest[];
  /** Whether another value would be accepted. */
  isAccepted(value: Quantity): boolean;
}

/** Why it is refused (R21). The reservation's expiry changes it, too: nothing can be captured from then on. */
export function whyNotCaptured(refused: RefusedCapture, catalog: Catalog, now: Instant): WhyNot {
  const { account, hold, usage, planned } = refused;
  const { entityId, expiresAt } = hold;
  const features = planned.flatMap((one) => catalog.features.get(one.usage.featureId ?? '') ?? []);
  const { properties } = usage;
  const next = nextChangeOf(account, catalog, features, { entityId, properties }, now);
  const isHeld = planned.every(({ plan }) => plan.charges.every(({ charged }) => charged.held));
  return {
    reason: isHeld ? 'INSUFFICIENT_BALANCE' : 'NOT_HELD',
    largestAllowed: largestCaptured(refused, catalog, now),
    nextChangeAt: earliest(next, expiresAt),
  };
}

/**
 * The largest value that could be captured now; null if it takes too long to find, or cannot be found by bisection. For one
 * feature it is calculated: what is held, and what its balances cover beyond that.
 *
 * A value is accepted whenever a larger one is, unless a capture that is not final changes costs: it gives back what was set
 * aside for exactly what it captures, which may be worth more the more that is.
 */
function largestCaptured(refused: RefusedCapture, catalog: Catalog, now: Instant): Quantity | null {
  const { account, start, hold, usage, isFinal, value, planned, isAccepted } = refused;
  const isRepriced = hold.charges.some(({ featureId }) => usage.isRepriced(featureId));
  const [only, ...others] = hold.charges;
  const [rest] = planned;
  if (only !== undefined && rest !== undefined && others.length === 0) {
    const covered = largestAllowed(start, catalog, rest.usage, rest.plan, now) ?? ZERO;
    if (!isRepriced) return minQuantity(only.held + covered, QUANTITY_INPUT_MAX);
    if (isFinal || covered >= only.held) return covered;
  }
  if (isRepriced && !isFinal) return null;
  if (hold.charges.length * account.balances.length > SEARCHED_MAX) return null;
  return bisect(isAccepted, value);
}
