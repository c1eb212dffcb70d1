/** How a customer or an entity sees what the model's customer holds. */

import type { PlainBalance, View } from '../cases/plain.js';
import { type Holding, isLive, left, NEVER, nextReset, overage } from './holdings.js';
import { atLeastZero, sum, textOf } from './numbers.js';
import { compare, type Rank, rank } from './order.js';

/** R9: a customer sees its own balances and its entities', an entity its own and the customer's. */
export function viewOf(
  holdings: readonly Holding[],
  featureId: string,
  entityId: string | null,
  now: number,
): View | null {
  const seen = holdings.filter((holding) => {
    const owner = holding.grant.entityId ?? null;
    const visible = entityId === null || owner === null || owner === entityId;
    return holding.grant.featureId === featureId && visible && isLive(holding, now);
  });
  if (seen.length === 0) return null;
  const total = (amount: (holding: Holding) => bigint) => textOf(sum(seen.map(amount)));
  const unlimited = seen.some(({ grant }) => grant.unlimited === true);
  const resetAt = Math.min(...seen.map(nextReset));
  return {
    featureId,
    granted: unlimited ? '0' : total(granted),
    remaining: unlimited ? '0' : total(remaining),
    usage: total(usage),
    overage: total(overage),
    reserved: total(reserved),
    unlimited,
    overageAllowed: seen.some(({ overageAllowed }) => overageAllowed),
    nextResetAt: resetAt === NEVER ? null : new Date(resetAt).toISOString(),
    breakdown: seen.sort((a, b) => compare(firstRank(a), firstRank(b))).map(balanceOf),
  };
}

/** The place of a holding is that of its first part in drain order. */
function firstRank(holding: Holding): Rank {
  const rolledOver = holding.rolledOver.filter((part) => left(part) > 0n);
  const ranks = [holding.main, ...rolledOver].map((part) => rank(holding, part, true));
  return ranks.sort(compare)[0] ?? [];
}

function balanceOf(holding: Holding): PlainBalance {
  return {
    grant: holding.grant.name,
    granted: textOf(granted(holding)),
    remaining: textOf(remaining(holding)),
    usage: textOf(usage(holding)),
    overage: textOf(overage(holding)),
    reserved: textOf(reserved(holding)),
    rolledOver: holding.rolledOver.map((part) => textOf(left(part))),
  };
}

function granted({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => part.granted));
}

function usage({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => part.used));
}

function reserved({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => part.reserved));
}

function remaining({ grant, main, rolledOver }: Holding): bigint {
  const ofMain = grant.unlimited ? 0n : atLeastZero(left(main));
  return sum([ofMain, ...rolledOver.map(left)]);
}
