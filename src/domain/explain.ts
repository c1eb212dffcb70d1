import type { Account } from './account.js';
import { type Balance, mainFree, type Rollover, rolloverFree } from './balance.js';
import type { Cost } from './cost.js';
import type { Shortfall, Taking } from './deduction.js';
import { criterionBetween, type DrainCriterion, type Slot } from './drain-order.js';
import type { Catalog } from './feature.js';
import type { Instant } from './interval.js';
import { type PlannedCharge, planUsage, type Usage } from './plan.js';
import { maxQuantity, type Quantity, ZERO } from './quantity.js';
import type { Refusal } from './refusal.js';
import type { Where } from './where.js';
import { explainedRefusal } from './why-not.js';

/** Steps of an explanation. A thousand features may be charged, each with thousands of parts that could pay. */
export const EXPLAINED_MAX = 5_000;

/** A plan, told step by step (R30). */
export interface Explanation {
  /** By charged feature, and for each in drain order; the first ones if there are too many. */
  readonly steps: readonly ExplainedStep[];
  readonly unapplied: readonly Shortfall[];
  /** What `trackBalance` would be refused with; null if it would be accepted. */
  readonly refusal: Refusal | null;
}

/** One part of one balance that could pay for a charged feature: its grant, or an amount rolled over. */
export interface ExplainedStep {
  readonly chargedFeatureId: string;
  /** Among those of the charged feature, from 1. */
  readonly place: number;
  /** As it would be when its turn comes. */
  readonly balance: Balance;
  readonly rolledOver: Rollover | null;
  /** Per unit of the charged feature. */
  readonly cost: Cost;
  /** The properties for which it costs that; null if the cost is for all that have no other. */
  readonly where: Where | null;
  /** What puts it before the next part; null for the last. */
  readonly criterion: DrainCriterion | null;
  /** What could be taken of it within the grant; null for any amount. */
  readonly available: Quantity | null;
  /** What could be taken of it beyond the grant; null for any amount. */
  readonly availableOverage: Quantity | null;
  /** What would be taken within the grant, negative if it would be given back. */
  readonly granted: Quantity;
  /** The same, beyond it. */
  readonly overage: Quantity;
}

/** What tracking would do, without doing it. Pure; the account must stand at `now`. */
export function explain(
  account: Account,
  catalog: Catalog,
  usage: Usage,
  now: Instant,
): Explanation {
  const plan = planUsage(account, catalog, usage, now);
  const { unapplied } = plan;
  const steps: ExplainedStep[] = [];
  for (const charge of plan.charges) {
    for (const step of stepsOf(charge)) if (steps.length < EXPLAINED_MAX) steps.push(step);
    if (steps.length === EXPLAINED_MAX) break;
  }
  return { steps, unapplied, refusal: explainedRefusal(account, catalog, usage, plan, now) };
}

function stepsOf({ feature, payers, charged }: PlannedCharge): ExplainedStep[] {
  const { slots, takings } = charged;
  const bySlot = new Map<string, Taking[]>();
  for (const taking of takings) {
    const key = keyOf(taking.slot);
    bySlot.set(key, [...(bySlot.get(key) ?? []), taking]);
  }
  return slots.slice(0, EXPLAINED_MAX).map((slot, index): ExplainedStep => {
    const next = slots[index + 1];
    const own = bySlot.get(keyOf(slot)) ?? [];
    return {
      chargedFeatureId: feature.id,
      place: index + 1,
      balance: slot.balance,
      rolledOver: rolledOverOf(slot),
      cost: slot.cost,
      where: payers[slot.payer]?.where ?? null,
      criterion: next === undefined ? null : criterionBetween(slot, next),
      available: availableOf(slot),
      availableOverage: availableOverageOf(slot),
      granted: sumOf(own, 'GRANT'),
      overage: sumOf(own, 'OVERAGE'),
    };
  });
}

function keyOf({ balance, rollover }: Slot): string {
  return `${balance.id}:${rollover ?? ''}`;
}

function sumOf(takings: readonly Taking[], as: Taking['as']): Quantity {
  return takings.reduce((sum, taking) => (taking.as === as ? sum + taking.amount : sum), ZERO);
}

function rolledOverOf({ balance, rollover }: Slot): Rollover | null {
  return rollover === null ? null : (balance.rollovers[rollover] ?? null);
}

/** What costs nothing is available however little is left. */
function availableOf(slot: Slot): Quantity | null {
  if (slot.balance.unlimited || slot.cost === ZERO) return null;
  const rolledOver = rolledOverOf(slot);
  return maxQuantity(ZERO, rolledOver === null ? mainFree(slot.balance) : rolloverFree(rolledOver));
}

function availableOverageOf({ balance, rollover }: Slot): Quantity | null {
  const { unlimited, overageAllowed, overageLimit } = balance;
  if (rollover !== null || unlimited || !overageAllowed) return ZERO;
  return overageLimit === null ? null : maxQuantity(ZERO, overageLimit - beyondGrant(balance));
}

/** What is reserved counts as well (R24). */
function beyondGrant(balance: Balance): Quantity {
  return maxQuantity(ZERO, -mainFree(balance));
}
