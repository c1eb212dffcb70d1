import type { Caller } from '../../meter/verb.js';
import type { OperationCost } from '../field-count/field-count.js';
import type { Incoming } from '../incoming.js';
import { type Budgets, ownerOf } from './budgets.js';
import { asksForCost, Charge } from './charge.js';

/** A result that is at hand. */
export const CACHED: OperationCost = { requested: 1, spent: 1 };

/**
 * The stage before an operation is executed: takes what it may cost from the budget of its key, or throws. Null if there is
 * no budget and the client does not ask what it costs, so that a call usually counts nothing.
 */
export function chargeFor(
  budgets: Budgets,
  caller: Caller,
  incoming: Incoming,
  costOf: () => OperationCost,
): Charge | null {
  const isTold = asksForCost(incoming);
  if (!isTold && !budgets.isLimited) return null;
  const cost = costOf();
  return new Charge(cost, budgets.take(ownerOf(caller), cost.requested), isTold);
}
