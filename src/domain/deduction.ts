import { type Balance, mainFree, overage, rolloverFree, withUsed } from './balance.js';
import { atCost, type Fraction, fractionOf, lessAtCost } from './cost.js';
import { drainOrder, type Slot } from './drain-order.js';
import type { Payer } from './feature.js';
import type { Instant } from './interval.js';
import { maxQuantity, minQuantity, type Quantity, ZERO } from './quantity.js';

export const OVERAGE_BEHAVIORS = ['CAP', 'REJECT', 'OVERFLOW'] as const;

/** What happens to usage that the balances cannot cover (R11). */
export type OverageBehavior = (typeof OVERAGE_BEHAVIORS)[number];

/**
 * What was really taken from one balance, in units of its feature; negative where it was given
 * back.
 */
export interface Deduction {
  readonly balanceId: string;
  readonly featureId: string;
  readonly amount: Quantity;
}

/** The part of a charge that was not taken. */
export interface Shortfall {
  /**
   * The feature in whose units the amount is: the last payer that the customer holds, else the
   * charged feature.
   */
  readonly featureId: string;
  readonly chargedFeatureId: string;
  readonly amount: Quantity;
}

/** One charge of one feature against the balances that can pay for it. */
export interface Charge {
  readonly featureId: string;
  /** R6: the feature itself first, then its credit systems. */
  readonly payers: readonly Payer[];
  readonly value: Quantity;
  readonly entityId: string | null;
  readonly overageBehavior: OverageBehavior;
}

/** What is taken from one part of one balance, negative where it is given back. */
export interface Taking {
  readonly slot: Slot;
  readonly amount: Quantity;
  /** Whether it is within the grant, or beyond it. */
  readonly as: 'GRANT' | 'OVERAGE';
}

export interface Charged {
  /** Every part of every balance that can pay, in drain order. */
  readonly slots: readonly Slot[];
  /** In the order in which it is taken. A part may appear twice, as grant and as overage. */
  readonly takings: readonly Taking[];
  /** The part that covers the last of the charge, although its cost is 0; null if there is none. */
  readonly free: Slot | null;
  /** The balances that changed, as they are once the amounts are used. */
  readonly balances: readonly Balance[];
  /** What is taken, by balance. */
  readonly deductions: readonly Deduction[];
  readonly shortfall: Shortfall | null;
  /** Whether any balance could pay at all (R7). */
  readonly held: boolean;
}

/**
 * Takes a charge from the balances, or gives it back to them where its value is negative (R8 to
 * R13). Pure.
 */
export function charge(balances: readonly Balance[], request: Charge, now: Instant): Charged {
  const slots = drainOrder(balances, request, now);
  const draft: Draft = {
    slots,
    takings: [],
    free: null,
    changed: new Map(),
    left: fractionOf(request.value),
  };
  if (request.value > ZERO) take(draft, request.overageBehavior);
  if (request.value < ZERO) giveBack(draft, request.overageBehavior);
  const changed = [...draft.changed.values()];
  return {
    slots,
    takings: draft.takings,
    free: draft.free,
    balances: changed.map(({ balance }) => balance),
    deductions: changed.map(({ balance, amount }) => ({
      balanceId: balance.id,
      featureId: balance.featureId,
      amount,
    })),
    shortfall: shortfallOf(draft, request),
    held: slots.length > 0,
  };
}

interface Draft {
  readonly slots: readonly Slot[];
  readonly takings: Taking[];
  free: Slot | null;
  /** By the balance's id, in the order of the first change. */
  readonly changed: Map<string, Change>;
  /** What remains to be taken, in units of the charged feature. */
  left: Fraction;
}

/** A balance in its current state, and what has been taken from it. */
interface Change {
  balance: Balance;
  amount: Quantity;
}

/** R10 to R12. Free usage is covered, however little is left of the balance (R6). */
function take(draft: Draft, overageBehavior: OverageBehavior): void {
  for (const slot of draft.slots) {
    const isBoundless = slot.balance.unlimited || slot.cost === ZERO;
    move(draft, slot, isBoundless ? null : slotRemaining(draft, slot), TAKE);
  }
  for (const slot of draft.slots) {
    const { overageAllowed, overageLimit } = slot.balance;
    if (slot.rollover !== null || !overageAllowed) continue;
    const beyond = maxQuantity(ZERO, -mainFree(current(draft, slot)));
    move(draft, slot, overageLimit === null ? null : overageLimit - beyond, EXCEED);
  }
  if (overageBehavior === 'OVERFLOW') moveRest(draft, EXCEED);
}

/** R13. Rolled-over amounts are not refilled. */
function giveBack(draft: Draft, overageBehavior: OverageBehavior): void {
  const main = draft.slots.filter(({ rollover }) => rollover === null);
  for (const slot of main) {
    if (slot.cost !== ZERO) move(draft, slot, overage(current(draft, slot)), HEAL);
  }
  for (const slot of main) {
    const used = maxQuantity(ZERO, current(draft, slot).used);
    // Free usage leaves nothing to give back.
    move(draft, slot, slot.cost === ZERO ? null : used, REFILL);
  }
  if (overageBehavior === 'OVERFLOW') moveRest(draft, REFILL);
}

/** OVERFLOW has no limits: what is left goes to the first balance in drain order. */
function moveRest(draft: Draft, way: Way): void {
  const [first] = draft.slots;
  if (first !== undefined) move(draft, { ...first, rollover: null }, null, way);
}

/** Whether an amount is taken or given back, and as what. */
interface Way {
  readonly sign: 1n | -1n;
  readonly as: Taking['as'];
}

const TAKE: Way = { sign: 1n, as: 'GRANT' };
const EXCEED: Way = { sign: 1n, as: 'OVERAGE' };
const HEAL: Way = { sign: -1n, as: 'OVERAGE' };
const REFILL: Way = { sign: -1n, as: 'GRANT' };

/**
 * Moves up to `available` units (null for any number) of what is left into the slot's use, or out
 * of it.
 */
function move(draft: Draft, slot: Slot, available: Quantity | null, { sign, as }: Way): void {
  if (draft.left.numerator === 0n || (available !== null && available <= ZERO)) return;
  const needed = atCost(draft.left, slot.cost) * sign;
  const amount = available === null ? needed : minQuantity(needed, available);
  draft.left =
    amount === needed ? fractionOf(ZERO) : lessAtCost(draft.left, amount * sign, slot.cost);
  if (amount === ZERO) {
    draft.free = slot;
    return;
  }
  const taken = amount * sign;
  draft.takings.push({ slot, amount: taken, as });
  const change = changeOf(draft, slot);
  if (change === undefined) {
    const balance = withUse(slot.balance, slot.rollover, taken);
    draft.changed.set(balance.id, { balance, amount: taken });
  } else {
    change.balance = withUse(change.balance, slot.rollover, taken);
    change.amount += taken;
  }
}

function changeOf(draft: Draft, slot: Slot): Change | undefined {
  return draft.changed.get(slot.balance.id);
}

function current(draft: Draft, slot: Slot): Balance {
  return changeOf(draft, slot)?.balance ?? slot.balance;
}

function slotRemaining(draft: Draft, slot: Slot): Quantity {
  const balance = current(draft, slot);
  if (slot.rollover === null) return mainFree(balance);
  const rollover = balance.rollovers[slot.rollover];
  return rollover === undefined ? ZERO : rolloverFree(rollover);
}

function withUse(balance: Balance, rollover: number | null, amount: Quantity): Balance {
  if (rollover === null) return withUsed(balance, balance.used + amount, balance.ledgerSeq);
  return {
    ...balance,
    rollovers: balance.rollovers.map((part, index) =>
      index === rollover ? { ...part, used: part.used + amount } : part,
    ),
  };
}

function shortfallOf(draft: Draft, request: Charge): Shortfall | null {
  if (draft.left.numerator === 0n) return null;
  const lastPayer = draft.slots.reduce((last, { payer }) => Math.max(last, payer), 0);
  const payer = request.payers[lastPayer];
  if (payer === undefined) return null;
  const amount = atCost(draft.left, payer.cost);
  if (amount === ZERO) return null;
  return { featureId: payer.feature.id, chargedFeatureId: request.featureId, amount };
}
