import {
  type Balance,
  type ResetRule,
  type Rollover,
  type RolloverMax,
  reservedOf,
} from './balance.js';
import { afterBoundary } from './interval.js';
import {
  maxQuantity,
  minQuantity,
  percentOf,
  QUANTITY_MAX,
  type Quantity,
  ZERO,
} from './quantity.js';

/** Whether nothing was rolled over. The sums do not tell: a new part may have displaced old ones. */
export function sameParts(a: readonly Rollover[], b: readonly Rollover[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ granted, expiresAt }, index) => {
      const other = b[index];
      return granted === other?.granted && expiresAt === other.expiresAt;
    })
  );
}

/** Adds the unused remainder and trims the sum to the rule's maximum, oldest first. */
export function rollOver(
  balance: Balance,
  rule: ResetRule,
  unused: Quantity,
  periodEnd: number,
): Balance {
  if (rule.rollover === null) return balance;
  const { keep, max } = rule.rollover;
  // The lifetime counts from the end of the period it is rolled into: see
  // docs/adr/0006-rollover-lifetime.md.
  const expiresAt = keep === null ? null : afterBoundary(rule, periodEnd, keep);
  const last = balance.rollovers.at(-1);
  const rollovers =
    unused === ZERO
      ? balance.rollovers
      : last !== undefined && expiresAt === null && last.expiresAt === null
        ? [...balance.rollovers.slice(0, -1), { ...last, granted: last.granted + unused }]
        : [...balance.rollovers, { granted: unused, used: ZERO, expiresAt }];
  return { ...balance, rollovers: newestUpTo(rollovers, allowedOf(balance, max)) };
}

/** What cannot be stored cannot be carried over either: such sums arise when usage is given back without limit. */
function allowedOf({ granted }: Balance, max: RolloverMax | null): Quantity {
  const storable = QUANTITY_MAX - granted;
  if (max === null) return storable;
  const allowed = max.kind === 'AMOUNT' ? max.amount : percentOf(granted, max.percent);
  return minQuantity(allowed, storable);
}

/** What reservations hold is kept, however much newer ones take (R28). */
function newestUpTo(rollovers: readonly Rollover[], allowed: Quantity): Rollover[] {
  let left = allowed;
  const kept: Rollover[] = [];
  for (const rollover of rollovers.toReversed()) {
    const granted = maxQuantity(reservedOf(rollover), minQuantity(rollover.granted, left));
    left = maxQuantity(ZERO, left - granted);
    if (granted > ZERO) kept.unshift({ ...rollover, granted });
  }
  return kept;
}
