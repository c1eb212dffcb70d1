import type { Account } from './account.js';
import { type Balance, isBalanceStorable, totalUsed } from './balance.js';
import { Charging } from './charging.js';
import { type Charged, charge, type OverageBehavior, type Shortfall } from './deduction.js';
import { type Catalog, type Feature, type Payer, payersOf } from './feature.js';
import type { Instant } from './interval.js';
import { QUANTITY_MAX, type Quantity, quantityToText, ZERO } from './quantity.js';
import { insufficientBalance, invalidInput, quoted, type Refusal } from './refusal.js';
import type { Properties } from './where.js';

/** Usage of one feature, or of all that list an event name. */
export interface Usage {
  readonly entityId: string | null;
  /** R1: exactly one of these two is set. */
  readonly featureId: string | null;
  readonly eventName: string | null;
  readonly value: Quantity;
  /** Costs may depend on them. */
  readonly properties: Properties | null;
  readonly overageBehavior: OverageBehavior;
}

/** What usage would do: which balances pay, in which order, how much, and whether it is refused. */
export interface Plan {
  /** Of each metered feature that is charged, in order. Each charge is planned on what the ones before it leave. */
  readonly charges: readonly PlannedCharge[];
  /** The account once all amounts are used, without ledger entries; the same one if nothing would change. */
  readonly after: Account;
  /** What could not be taken, or given back. */
  readonly unapplied: readonly Shortfall[];
  /** Why nothing of it may be done; null if it may. */
  readonly refusal: Refusal | null;
}

export interface PlannedCharge {
  readonly feature: Feature;
  /** R6: the feature itself first, then its credit systems, each at the cost that applies. */
  readonly payers: readonly Payer[];
  readonly charged: Charged;
}

/**
 * The plan of usage (R5 to R13), of which every verb is a view: tracking makes it final, a check looks at it, an explanation
 * tells it. Nothing else decides who pays. Pure; the account must stand at `now`.
 */
export function planUsage(account: Account, catalog: Catalog, usage: Usage, now: Instant): Plan {
  const { value, entityId, properties, overageBehavior } = usage;
  const features = chargedFeatures(catalog, usage);
  const charges: PlannedCharge[] = [];
  const missing: Shortfall[] = [];
  const charging = new Charging(account, features.length);
  for (const feature of features) {
    if (feature.type === 'BOOLEAN') continue;
    const payers = payersOf(catalog, feature.id, properties);
    const asked = { featureId: feature.id, payers, value, entityId, overageBehavior };
    const charged = charge(charging.balancesOf(payers), asked, now);
    charging.replace(charged.balances);
    charges.push({ feature, payers, charged });
    if (charged.shortfall !== null) missing.push(charged.shortfall);
    else if (!charged.held) missing.push(notHeld(feature.id));
  }
  const after = charging.account();
  const unapplied = missing.filter(({ amount }) => amount !== ZERO);
  return { charges, after, unapplied, refusal: refusalOf(usage, account, after, missing) };
}

/** The features that usage charges; those that are BOOLEAN count nothing. */
export function chargedFeatures(
  catalog: Catalog,
  { featureId, eventName }: Pick<Usage, 'featureId' | 'eventName'>,
): readonly Feature[] {
  if (featureId === null) return catalog.byEventName.get(eventName ?? '') ?? [];
  const feature = catalog.features.get(featureId);
  return feature === undefined ? [] : [feature];
}

function refusalOf(
  { value, overageBehavior }: Usage,
  before: Account,
  after: Account,
  missing: readonly Shortfall[],
): Refusal | null {
  if (overageBehavior === 'REJECT' && value >= ZERO && missing.length > 0) {
    return insufficientBalance(missing, 'track');
  }
  const overfull = after.balances.find(
    (balance, index) => balance !== before.balances[index] && !isBalanceStorable(balance),
  );
  return overfull === undefined ? null : tooMuch(value, overfull);
}

/** What is missing for a value of 0, which requires only that the feature is held (R7). */
function notHeld(featureId: string): Shortfall {
  return { featureId, chargedFeatureId: featureId, amount: ZERO };
}

function tooMuch(value: Quantity, balance: Balance): Refusal {
  const most = quantityToText(QUANTITY_MAX);
  return invalidInput([
    {
      path: 'value',
      value: quantityToText(value),
      rule: 'sum',
      message:
        `would bring the usage of the balance "${balance.id}" of ${quoted(balance.featureId)} to ` +
        `${quantityToText(totalUsed(balance))}, and at most ${most} can be counted. Track a smaller value.`,
    },
  ]);
}
