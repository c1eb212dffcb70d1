/** What reservations hold of single balances. Each change is recorded as a ledger entry by the caller. */
import { type Balance, type Rollover, reservedOf, withUsed } from './balance.js';
import type { Cost } from './cost.js';
import type { Instant } from './interval.js';
import { minQuantity, type Quantity, ZERO } from './quantity.js';

/**
 * The part of a balance that an amount was taken from: the main grant, or the rolled-over amount that ends at an instant, or
 * that is kept. Rolled-over amounts of one balance that end at the same instant are alike.
 */
export type Part = 'MAIN' | 'KEPT' | Instant;

/** An amount that is set aside, in units of the balance's feature. */
export interface Take {
  readonly balanceId: string;
  readonly part: Part;
  readonly amount: Quantity;
  /** What one unit of the charged feature costs there. */
  readonly cost: Cost;
}

/** What one reservation holds of one balance, once the reservation has expired. */
export interface DueHold {
  readonly expiresAt: Instant;
  readonly takes: readonly Take[];
}

export function partOf({ expiresAt }: Rollover): Part {
  return expiresAt ?? 'KEPT';
}

/** The balance with an amount set aside from the rolled-over amount with this index, or from the main grant. */
export function withReserved(balance: Balance, rollover: number | null, amount: Quantity): Balance {
  if (rollover === null) return { ...balance, reserved: balance.reserved + amount };
  return {
    ...balance,
    rollovers: balance.rollovers.map((part, index) =>
      index === rollover ? { ...part, reserved: reservedOf(part) + amount } : part,
    ),
  };
}

/** The balance with amounts that were set aside given back to where they were taken. */
export function givenBack(balance: Balance, takes: readonly Take[]): Balance {
  return takes.reduce((after, take) => withoutReserved(after, take, false), balance);
}

/** The balance with amounts that were set aside used. */
export function captured(balance: Balance, takes: readonly Take[]): Balance {
  return takes.reduce((after, take) => withoutReserved(after, take, true), balance);
}

function withoutReserved(balance: Balance, { part, amount }: Take, isUsed: boolean): Balance {
  if (part === 'MAIN') {
    const used = isUsed ? balance.used + amount : balance.used;
    const after = withUsed(balance, used, balance.ledgerSeq);
    return { ...after, reserved: balance.reserved - amount };
  }
  let left = amount;
  return {
    ...balance,
    rollovers: balance.rollovers.map((rollover) => {
      if (left === ZERO || partOf(rollover) !== part) return rollover;
      const moved = minQuantity(left, reservedOf(rollover));
      left -= moved;
      const { reserved: _, ...others } = rollover;
      const used = isUsed ? rollover.used + moved : rollover.used;
      const reserved = reservedOf(rollover) - moved;
      return { ...others, used, ...(reserved !== ZERO && { reserved }) };
    }),
  };
}
