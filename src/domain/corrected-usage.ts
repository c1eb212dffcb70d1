/** Setting what is used of a balance, so that a figure holds (R32). What reservations hold of it is neither used nor given back (R24). */
import {
  type Balance,
  type Rollover,
  remaining as remainingOf,
  reservedOf,
  totalUsed,
} from './balance.js';
import type { Instant } from './interval.js';
import { maxQuantity, minQuantity, type Quantity, ZERO } from './quantity.js';

/** At most one of these is given. */
interface Figure {
  readonly usage: Quantity | undefined;
  readonly remaining: Quantity | undefined;
}

/** The balance, with so much used of it that the figure holds; the same one if it does already. */
export function withFigure(balance: Balance, { usage, remaining }: Figure, now: Instant): Balance {
  if (usage !== undefined) {
    return usage === totalUsed(balance) ? balance : withUsage(balance, usage, now);
  }
  if (remaining === undefined) return balance;
  const used = mostRemaining(balance, now) + lostUsage(balance, now) - remaining;
  const holds = used === totalUsed(balance) && remaining === remainingOf(balance);
  return holds ? balance : withUsage(balance, used, now);
}

/** What would be left if nothing were used: what is granted and neither reserved nor lost. */
export function mostRemaining(balance: Balance, now: Instant): Quantity {
  const { granted, reserved, rollovers } = balance;
  return rollovers
    .filter((part) => !isLost(part, now))
    .reduce((sum, part) => sum + usable(part), maxQuantity(ZERO, granted - reserved));
}

/** Of amounts that were carried over and have expired: it counts in this period, but would not come back. */
function lostUsage({ rollovers }: Balance, now: Instant): Quantity {
  return rollovers.filter((part) => isLost(part, now)).reduce((sum, { used }) => sum + used, ZERO);
}

/** As if it had been tracked in this period: amounts carried over first, the next to be lost first, and all the rest from the grant. */
function withUsage(balance: Balance, usage: Quantity, now: Instant): Balance {
  let left = usage;
  const used = new Map<Rollover, Quantity>();
  for (const part of balance.rollovers.toSorted((a, b) => lostAt(a) - lostAt(b))) {
    const amount = minQuantity(usable(part), left);
    used.set(part, amount);
    left -= amount;
  }
  const rollovers = balance.rollovers
    .map((part) => ({ ...part, used: used.get(part) ?? ZERO }))
    .map((part) => (isLost(part, now) ? { ...part, granted: part.used + reservedOf(part) } : part))
    .filter(({ granted }) => granted !== ZERO);
  return { ...balance, used: left, rollovers };
}

function usable(part: Rollover): Quantity {
  return part.granted - reservedOf(part);
}

function isLost({ expiresAt }: Rollover, now: Instant): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function lostAt({ expiresAt }: Rollover): number {
  return expiresAt ?? Number.MAX_SAFE_INTEGER;
}
