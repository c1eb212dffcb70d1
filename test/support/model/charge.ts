/** How the model's customer pays for a usage event (R6, R8 to R13). */

import type { PlainDeduction, PlainShortfall } from '../cases/plain.js';
import { type Holding, isLive, left, overage, type Part } from './holdings.js';
import { atLeastZero, COST_ONE, least, minus, type Ratio, rounded, textOf } from './numbers.js';
import { compare, rank } from './order.js';

/** A feature whose holdings can pay, and what one unit of the charged feature costs in it. */
export interface Payer {
  readonly id: string;
  readonly cost: bigint;
}

export interface ModelCharge {
  /** The charged feature first. */
  readonly payers: readonly [Payer, ...Payer[]];
  readonly entityId: string | null;
  readonly overageBehavior: 'CAP' | 'REJECT' | 'OVERFLOW';
  readonly value: bigint;
  readonly now: number;
  /** Whether it is set aside instead of used (R24). */
  readonly sets?: 'ASIDE';
}

/** What was taken from one part, in the order in which it was. */
export interface Taken {
  readonly holdingId: string;
  readonly part: number;
  readonly amount: bigint;
  readonly cost: bigint;
}

/** One part of a holding at its place in the order. */
export interface Place {
  readonly holding: Holding;
  readonly part: Part;
  readonly payer: Payer;
}

/** Takes the value from the holdings, or gives it back to them, in place. */
export function charge(
  holdings: readonly Holding[],
  request: ModelCharge,
): {
  deductions: PlainDeduction[];
  missing: PlainShortfall[];
  isHeld: boolean;
  takes: Taken[];
  open: Ratio;
} {
  const [charged] = request.payers;
  const places = placesOf(holdings, request);
  const mains = places.filter(({ holding, part }) => part === holding.main);
  const sign = request.value < 0n ? -1n : 1n;
  const moved = new Map<Holding, bigint>();
  const takes: Taken[] = [];
  let open: Ratio = { over: request.value * sign, under: 1n };

  /** Moves as much as there is room for; null means any amount. */
  const move = ({ holding, part, payer }: Place, room: bigint | null): void => {
    if (room !== null && room <= 0n) return;
    const asked = rounded({ over: open.over * payer.cost, under: open.under * COST_ONE });
    const amount = room === null ? asked : least(asked, room);
    if (amount === asked) open = { over: 0n, under: 1n };
    else open = minus(open, { over: amount * COST_ONE, under: payer.cost });
    if (request.sets === 'ASIDE') part.reserved += amount;
    else part.used += amount * sign;
    if (amount === 0n) return;
    takes.push({ holdingId: holding.id, part: part.number, amount, cost: payer.cost });
    moved.set(holding, (moved.get(holding) ?? 0n) + amount * sign);
  };

  if (sign > 0n) {
    for (const place of places) {
      const covers = place.holding.grant.unlimited || isFree(place);
      move(place, covers ? null : left(place.part));
    }
    for (const place of mains)
      if (place.holding.overageAllowed) move(place, overageRoom(place.holding));
  } else {
    for (const place of mains) if (!isFree(place)) move(place, overage(place.holding));
    for (const place of mains) move(place, isFree(place) ? null : place.part.used);
  }
  const first = mains.find(({ holding }) => holding === places[0]?.holding);
  if (request.overageBehavior === 'OVERFLOW' && first !== undefined) move(first, null);

  const last = request.payers.findLast(({ id }) => places.some(({ payer }) => payer.id === id));
  const payer = last ?? charged;
  const missing = sign * rounded({ over: open.over * payer.cost, under: open.under * COST_ONE });
  return {
    deductions: [...moved].map(([{ grant }, amount]) => ({
      grant: grant.name,
      featureId: grant.featureId,
      amount: textOf(amount),
    })),
    missing:
      missing === 0n
        ? []
        : [{ featureId: payer.id, chargedFeatureId: charged.id, amount: textOf(missing) }],
    isHeld: places.length > 0,
    takes,
    open,
  };
}

/** R6: at a cost of 0, any balance of the credit system covers any amount. */
function isFree({ payer }: Place): boolean {
  return payer.cost === 0n;
}

/** What is set aside beyond the grant counts like overage (R24). */
function overageRoom({ overageLimit, main }: Holding): bigint | null {
  return overageLimit === null ? null : overageLimit - atLeastZero(-left(main));
}

/** R8: every part that can pay, in drain order. */
export function placesOf(holdings: readonly Holding[], request: ModelCharge): Place[] {
  const places = holdings.flatMap((holding): Place[] => {
    const payer = request.payers.find(({ id }) => id === holding.grant.featureId);
    const owner = holding.grant.entityId ?? null;
    const reachable = owner === null || owner === request.entityId;
    if (payer === undefined || !reachable || !isLive(holding, request.now)) return [];
    return [...holding.rolledOver, holding.main].map((part) => ({ holding, part, payer }));
  });
  const rankOf = ({ holding, part, payer }: Place) =>
    rank(holding, part, payer === request.payers[0]);
  return places.sort((a, b) => compare(rankOf(a), rankOf(b)));
}
