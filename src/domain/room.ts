import type { Account } from './account.js';
import { type Balance, overage, remaining, totalReserved, totalUsed } from './balance.js';
import { ZERO } from './quantity.js';

/** How many balances that are not used up a customer, its entities included, can have. */
export const BALANCES_PER_CUSTOMER_MAX = 1_000;

/** Whether a customer can hold one more balance, and which one ends to make room for it. */
export interface Room {
  readonly isFree: boolean;
  readonly ending: Balance | null;
}

const FREE: Room = { isFree: true, ending: null };

/**
 * The room for one more balance in an account that stands at the present. Used-up balances stay as
 * long as there is room, because giving back refills them: see
 * docs/adr/0026-used-up-balances.md.
 */
export function roomIn({ balances }: Account): Room {
  const held = balances.filter(({ expiredAt }) => expiredAt === null);
  if (held.length < BALANCES_PER_CUSTOMER_MAX) return FREE;
  const counts = new Map<string, number>();
  for (const balance of held) counts.set(kindOf(balance), (counts.get(kindOf(balance)) ?? 0) + 1);
  const isLast = (balance: Balance) => counts.get(kindOf(balance)) === 1;
  const [ending = null] = held
    .filter(isUsedUp)
    .sort(
      (a, b) =>
        Number(isLast(a)) - Number(isLast(b)) ||
        a.createdAt - b.createdAt ||
        (a.id < b.id ? -1 : 1),
    );
  return { isFree: ending !== null, ending };
}

/** The last balance of a kind shows that the feature is held at all. A feature's id has no spaces. */
function kindOf({ featureId, entityId }: Balance): string {
  return `${featureId} ${entityId ?? ''}`;
}

/** Whether all of it is used and nothing will come back by itself. */
export function isUsedUp(balance: Balance): boolean {
  const { unlimited, nextResetAt, overageAllowed, overageLimit } = balance;
  const mayExceed = unlimited || (overageAllowed && overageLimit !== ZERO);
  return (
    !mayExceed &&
    nextResetAt === null &&
    totalUsed(balance) > ZERO &&
    totalReserved(balance) === ZERO &&
    remaining(balance) === ZERO &&
    overage(balance) === ZERO
  );
}
