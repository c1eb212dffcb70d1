/** What the model's customer holds, and how it changes over time. */

import type { PlainGrant } from '../cases/plain.js';
import { keptUntil, later, type Periods } from './calendar.js';
import { amountOf, atLeastZero, least, ONE, sum } from './numbers.js';

/** The time of something that does not happen. */
export const NEVER = Number.POSITIVE_INFINITY;

/** An amount that can be used: the grant of a period, or a rolled-over amount. */
export interface Part {
  granted: bigint;
  used: bigint;
  readonly endsAt: number;
}

export interface Holding {
  readonly grant: PlainGrant;
  readonly id: string;
  readonly createdAt: number;
  readonly startsAt: number;
  readonly expiresAt: number;
  expired: boolean;
  readonly overageAllowed: boolean;
  /** Null for any. */
  readonly overageLimit: bigint | null;
  readonly main: Part;
  /** Oldest first. */
  rolledOver: Part[];
  readonly periods: Periods | null;
  /** The number of the boundary at which the current period ends. */
  period: number;
}

export function left({ granted, used }: Part): bigint {
  return granted - used;
}

/** R14: the holding at `now`, after everything that came due, one by one. */
export function caughtUp(original: Holding, now: number): Holding {
  const holding = structuredClone(original);
  if (holding.startsAt > now) return holding;
  for (;;) {
    const { expired, expiresAt } = holding;
    const partEnd = firstPartEnd(holding);
    const at = Math.min(expiresAt, partEnd, nextReset(holding));
    if (expired || at > now) return holding;
    if (at === expiresAt) expire(holding);
    else if (at === partEnd) endParts(holding, at);
    else reset(holding);
  }
}

function firstPartEnd({ rolledOver }: Holding): number {
  return Math.min(...rolledOver.filter((part) => left(part) > 0n).map(({ endsAt }) => endsAt));
}

/** The end of the current period, if the holding lasts until then. */
export function nextReset({ periods, period, expiresAt }: Holding): number {
  if (periods === null) return NEVER;
  const at = later(periods, period);
  return at < expiresAt ? at : NEVER;
}

/** The holding after what was left of it has been withdrawn early. */
export function ended(holding: Holding): Holding {
  const copy = structuredClone(holding);
  expire(copy);
  return copy;
}

function expire(holding: Holding): void {
  holding.expired = true;
  holding.main.granted = least(holding.main.granted, atLeastZero(holding.main.used));
  holding.rolledOver = [];
}

/** What was used of these parts still counts in this period. */
function endParts(holding: Holding, at: number): void {
  for (const part of holding.rolledOver) if (part.endsAt === at) part.granted = part.used;
  holding.rolledOver = holding.rolledOver.filter(({ granted }) => granted > 0n);
}

/** R16. */
function reset(holding: Holding): void {
  const { main, grant, periods } = holding;
  const unused = atLeastZero(left(main));
  const debt = overage(holding);
  holding.period += 1;
  main.used = grant.reset?.carryOverage ? debt : 0n;
  holding.rolledOver = holding.rolledOver.map((part) => ({
    ...part,
    granted: left(part),
    used: 0n,
  }));

  const rollover = grant.reset?.rollover;
  if (rollover !== undefined && periods !== null) {
    const kept = holding.rolledOver.at(-1);
    const { keep } = rollover;
    const endsAt = keep === undefined ? NEVER : keptUntil(periods, holding.period, keep);
    if (endsAt === NEVER && kept?.endsAt === NEVER) kept.granted += unused;
    else holding.rolledOver.push({ granted: unused, used: 0n, endsAt });
    trim(holding);
  }
  holding.rolledOver = holding.rolledOver.filter(({ granted }) => granted > 0n);
}

/** Removes what exceeds the maximum of the rule, oldest amounts first. */
function trim({ grant, main, rolledOver }: Holding): void {
  const { max, maxPercent } = grant.reset?.rollover ?? {};
  const total = sum(rolledOver.map(({ granted }) => granted));
  let allowed = total;
  if (max !== undefined) allowed = amountOf(max);
  if (maxPercent !== undefined) {
    const hundredths = main.granted * amountOf(maxPercent);
    allowed = (hundredths / (100n * ONE * ONE)) * ONE;
  }
  let excess = atLeastZero(total - allowed);
  for (const part of rolledOver) {
    const cut = least(part.granted, excess);
    part.granted -= cut;
    excess -= cut;
  }
}

export function isLive({ startsAt, expiresAt, expired }: Holding, now: number): boolean {
  return !expired && startsAt <= now && now < expiresAt;
}

export function overage({ grant, main }: Holding): bigint {
  return grant.unlimited ? 0n : atLeastZero(-left(main));
}
