import type { Balance } from './balance.js';
import { boundaryAt, type Instant, nextBoundaryNumber } from './interval.js';

/**
 * Where the balance's current period began; null if it has no beginning. It may lie before the balance was created. After a
 * correction of the rule, the period that was running then goes on to the first boundary of the new one.
 */
export function periodStart(balance: Balance): Instant | null {
  const { resetChange } = balance;
  const start = lastBoundary(balance);
  if (resetChange === null || (start !== null && start > resetChange.at)) return start;
  return resetChange.periodStart;
}

/** Of one that does not reset again before it expires, the last boundary before the expiry. */
function lastBoundary({ reset, nextResetAt, expiresAt }: Balance): Instant | null {
  const end = nextResetAt ?? expiresAt;
  if (reset === null || end === null) return null;
  let number = nextBoundaryNumber(reset, end - 1) - 1;
  // Two boundaries may be one instant, where clocks skip a day.
  while (boundaryAt(reset, number) >= end) number -= 1;
  return boundaryAt(reset, number);
}
