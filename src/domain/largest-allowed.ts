import type { Account } from './account.js';
import { mainFree, rolloverFree } from './balance.js';
import { type Cost, type Fraction, fractionOf, lessAtCost } from './cost.js';
import { drainOrder, type Slot } from './drain-order.js';
import type { Catalog, Payer } from './feature.js';
import type { Instant } from './interval.js';
import { type Plan, planUsage, type Usage } from './plan.js';
import { maxQuantity, minQuantity, QUANTITY_INPUT_MAX, type Quantity, ZERO } from './quantity.js';

/**
 * Features that are charged together, times the balances of the account: up to here, the largest value that all of them
 * allow is found by planning again and again, some eighty times at most.
 */
export const SEARCHED_MAX = 500;

/**
 * The largest value that would be accepted under REJECT in place of one that is refused; null if not even 0 is, or if the
 * event name charges so many features that it would take too long to find.
 *
 * For one feature it is calculated. Several may share balances: then the least of their values is an upper bound. That a
 * value is accepted whenever a larger one is, is a property of plans, so that the largest can be found by bisection.
 */
export function largestAllowed(
  account: Account,
  catalog: Catalog,
  usage: Usage,
  { charges }: Plan,
  now: Instant,
): Quantity | null {
  if (charges.some(({ charged }) => !charged.held)) return null;
  let bound = QUANTITY_INPUT_MAX;
  for (const { payers, charged } of charges) {
    const slots =
      charges.length === 1
        ? charged.slots
        : drainOrder(account.balances, { payers, entityId: usage.entityId }, now);
    bound = minQuantity(bound, coverable(slots, payers));
  }
  const isAccepted = (value: Quantity) =>
    planUsage(account, catalog, { ...usage, value, overageBehavior: 'REJECT' }, now).refusal ===
    null;
  if (isAccepted(bound)) return bound;
  const isLong = charges.length > 1 && charges.length * account.balances.length > SEARCHED_MAX;
  return isLong ? null : bisect(isAccepted, bound);
}

/** The largest value that is accepted, below one that is not, if all smaller ones are as well. 0 is. */
export function bisect(isAccepted: (value: Quantity) => boolean, refused: Quantity): Quantity {
  let [low, high] = [ZERO, refused];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isAccepted(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The largest value of one feature that its balances cover by themselves, in units of the feature. */
function coverable(slots: readonly Slot[], payers: readonly Payer[]): Quantity {
  let before = fractionOf(ZERO);
  let largest = ZERO;
  const add = (amount: Quantity, cost: Cost) => {
    if (amount <= ZERO) return;
    largest = maxQuantity(largest, coveredBy(before, amount, cost));
    before = lessAtCost(before, -amount, cost);
  };
  for (const slot of slots) {
    if (slot.balance.unlimited || slot.cost === ZERO) return QUANTITY_INPUT_MAX;
    add(left(slot), slot.cost);
  }
  for (const { balance, rollover, cost } of slots) {
    if (rollover !== null || !balance.overageAllowed) continue;
    if (balance.overageLimit === null) return QUANTITY_INPUT_MAX;
    add(balance.overageLimit - maxQuantity(ZERO, -mainFree(balance)), cost);
  }
  const lastPayer = payers[slots.reduce((last, { payer }) => Math.max(last, payer), 0)];
  // What rounds to nothing in the last payer's units is not missing.
  if (lastPayer !== undefined) {
    largest = maxQuantity(largest, coveredBy(before, ZERO, lastPayer.cost));
  }
  return minQuantity(largest, QUANTITY_INPUT_MAX);
}

/**
 * The largest value of which, after `before`, no more than `amount` is needed at the cost. It is rounded to the nearest, so
 * less than half a unit more is no more.
 */
function coveredBy(before: Fraction, amount: Quantity, cost: Cost): Quantity {
  const end = lessAtCost(
    { ...before, numerator: 2n * before.numerator },
    -(2n * amount + 1n),
    cost,
  );
  const twice = 2n * end.denominator;
  // The largest whole number below the end, which is counted double here.
  return (end.numerator + twice - 1n) / twice - 1n;
}

function left({ balance, rollover }: Slot): Quantity {
  if (rollover === null) return mainFree(balance);
  const part = balance.rollovers[rollover];
  return part === undefined ? ZERO : rolloverFree(part);
}
