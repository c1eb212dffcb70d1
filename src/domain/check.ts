import { type Account, type FeatureBalance, featureBalance } from './account.js';
import { atCost, COST_ONE, fractionOf } from './cost.js';
import type { Shortfall } from './deduction.js';
import { drainOrder, type Slot } from './drain-order.js';
import { type Catalog, type Feature, type Payer, payersOf } from './feature.js';
import type { Instant } from './interval.js';
import { chargedFeatures, type Plan, type PlannedCharge, planUsage, type Usage } from './plan.js';
import { type Quantity, ZERO } from './quantity.js';
import type { DenialReason } from './refusal.js';
import { nextChangeAt, whyNot } from './why-not.js';

/** What is checked: whether this usage would be accepted now (R19). */
export type CheckRequest = Omit<Usage, 'overageBehavior'>;

/** The answer to a check (R21). */
export interface Check {
  readonly allowed: boolean;
  /** The value that was checked, in units of the balance's feature. */
  readonly requiredBalance: Quantity;
  /** The balance that it was judged on; null if nothing is held, or if several features are charged and all allow it. */
  readonly balance: FeatureBalance | null;
  /** Null if it is allowed. */
  readonly reason: DenialReason | null;
  readonly missing: readonly Shortfall[];
  /** Null if it is allowed, if nothing would be, or if it takes too long to find. */
  readonly largestAllowed: Quantity | null;
  readonly nextChangeAt: Instant | null;
}

/**
 * Whether usage would be accepted: the plan of a `trackBalance` with REJECT, examined instead of carried out. Besides, a BOOLEAN
 * feature must be held, of which tracking takes nothing (R20). Pure; the account must stand at `now`.
 */
export function check(
  account: Account,
  catalog: Catalog,
  request: CheckRequest,
  now: Instant,
): Check {
  const { entityId, value } = request;
  const usage: Usage = usageOf(request);
  const plan = planUsage(account, catalog, usage, now);
  const features = chargedFeatures(catalog, usage);
  const notHeld = flagsNotHeld(account, catalog, features, usage, now);
  const judged = judge(features, plan, notHeld[0] ?? null);
  const requiredBalance = atCost(fractionOf(value), judged?.cost ?? COST_ONE);
  const balance = judged && featureBalance(account.balances, judged.feature.id, entityId, now);
  if (plan.refusal === null && notHeld.length === 0) {
    return {
      allowed: true,
      requiredBalance,
      balance,
      reason: null,
      missing: NOTHING_MISSING,
      largestAllowed: null,
      nextChangeAt: nextChangeAt(account, catalog, usage, now),
    };
  }
  const why = whyNot(account, catalog, usage, plan, now);
  const metered = plan.refusal !== null && 'missing' in plan.refusal ? plan.refusal.missing : [];
  const missing = [...metered, ...notHeld.map(({ id }) => nothingOf(id))];
  const isFlag = notHeld.length > 0;
  return {
    allowed: false,
    requiredBalance,
    balance,
    reason: isFlag ? 'NOT_HELD' : why.reason,
    missing,
    largestAllowed: isFlag ? null : why.largestAllowed,
    nextChangeAt: why.nextChangeAt,
  };
}

/** A property after the other, because checks come by the thousand. */
function usageOf({ entityId, featureId, eventName, value, properties }: CheckRequest): Usage {
  return { entityId, featureId, eventName, value, properties, overageBehavior: 'REJECT' };
}

const NOTHING_MISSING: Check['missing'] = [];
const ALL_HELD: readonly Feature[] = [];

/** The BOOLEAN features among these that are not held. */
function flagsNotHeld(
  account: Account,
  catalog: Catalog,
  features: readonly Feature[],
  usage: Usage,
  now: Instant,
): readonly Feature[] {
  if (features.every(({ type }) => type !== 'BOOLEAN')) return ALL_HELD;
  return features.filter(
    ({ id, type }) => type === 'BOOLEAN' && slotsOf(account, catalog, id, usage, now).length === 0,
  );
}

function nothingOf(featureId: string): Shortfall {
  return { featureId, chargedFeatureId: featureId, amount: ZERO };
}

function slotsOf(
  { balances }: Account,
  catalog: Catalog,
  featureId: string,
  { entityId }: Usage,
  now: Instant,
): readonly Slot[] {
  return drainOrder(balances, { payers: payersOf(catalog, featureId, null), entityId }, now);
}

/** Whose balance answers: that of the first feature that is refused, or else of the only one that is charged. */
function judge(features: readonly Feature[], plan: Plan, notHeld: Feature | null): Payer | null {
  const refused = plan.charges.find(({ charged }) => charged.shortfall !== null || !charged.held);
  if (refused !== undefined) return answering(refused);
  if (notHeld !== null) return itself(notHeld);
  const [only, ...others] = features;
  if (only === undefined || others.length > 0) return null;
  const [charge] = plan.charges;
  return charge === undefined ? itself(only) : answering(charge);
}

/** The feature itself if it pays for all of it, or else the last payer in drain order that the plan reached. */
function answering({ feature, payers, charged }: PlannedCharge): Payer {
  const { slots, takings, free, shortfall } = charged;
  const paying = takings.map(({ slot }) => slot);
  if (free !== null) paying.push(free);
  const holdsOwn = slots.some(({ payer }) => payer === 0);
  const paysAll = shortfall === null && paying.every(({ payer }) => payer === 0);
  if (slots.length === 0 || (holdsOwn && paysAll)) return itself(feature);
  const payingSlots = new Set(paying);
  const reached =
    shortfall === null ? slots.findLast((slot) => payingSlots.has(slot)) : slots.at(-1);
  return payers[(reached ?? slots[0])?.payer ?? 0] ?? itself(feature);
}

function itself(feature: Feature): Payer {
  return { feature, cost: COST_ONE, where: null };
}
