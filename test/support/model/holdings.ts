/** What the model's customer holds, and how it changes over time. */

import type { PlainGrant } from '../cases/plain.js';
import { keptUntil, later, type Periods } from './calendar.js';
import { amountOf, atLeastZero, greatest, least, ONE, sum } from './numbers.js';

/** The time of something that does not happen. */
export const NEVER = Number.POSITIVE_INFINITY;

/** An amount that can be used: the grant of a period, or a rolled-over amount. */
export interface Part {
  /** Of this holding; 0 for the grant. */
  readonly number: number;
  granted: bigint;
  used: bigint;
  /** Set aside, and neither left nor used. */
  reserved: bigint;
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
  /** How many have been rolled over so far. */
  parts: number;
  readonly periods: Periods | null;
  /** The number of the boundary at which the current period ends. */
  period: number;
  /** How often it has been reset. */
  resets: number;
}

export function left({ granted, used, reserved }: Part): bigint {
  return granted - used - reserved;
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
  lose(holding, NEVER);
}

/** What was used of parts that end still counts in this period, and what is set aside is kept (R28). */
function endParts(holding: Holding, at: number): void {
  for (const part of holding.rolledOver) {
    if (part.endsAt <= at || holding.expired) part.granted = part.used + part.reserved;
  }
  holding.rolledOver = holding.rolledOver.filter(({ granted }) => granted > 0n);
}

/** Nothing is left of what has ended, itself or a part of it. */
export function lose(holding: Holding, at: number): void {
  endParts(holding, at);
  if (!holding.expired) return;
  const { main } = holding;
  main.granted = least(main.granted, atLeastZero(main.used) + main.reserved);
}

/** R16. */
function reset(holding: Holding): void {
  const { main, grant, periods } = holding;
  // What is set aside burdens the period to come.
  const unused = atLeastZero(main.granted - main.used);
  const debt = overage(holding);
  holding.period += 1;
  holding.resets += 1;
  main.used = grant.reset?.carryOverage ? debt : 0n;
  holding.rolledOver = holding.rolledOver.map((part) => ({
    ...part,
    granted: part.granted - part.used,
    used: 0n,
  }));

  const rollover = grant.reset?.rollover;
  if (rollover !== undefined && periods !== null) {
    const kept = holding.rolledOver.at(-1);
    const { keep } = rollover;
    const endsAt = keep === undefined ? NEVER : keptUntil(periods, holding.period, keep);
    if (endsAt === NEVER && kept?.endsAt === NEVER) kept.granted += unused;
    else {
      holding.parts += 1;
      const number = holding.parts;
      holding.rolledOver.push({ number, granted: unused, used: 0n, reserved: 0n, endsAt });
    }
    trim(holding);
  }
  holding.rolledOver = holding.rolledOver.filter(({ granted }) => granted > 0n);
}

/** Keeps the newest amounts, up to the maximum of the rule, and beyond it only what is set aside of older ones. */
function trim({ grant, main, rolledOver }: Holding): void {
  const { max, maxPercent } = grant.reset?.rollover ?? {};
  let allowed = sum(rolledOver.map(({ granted }) => granted));
  if (max !== undefined) allowed = amountOf(max);
  if (maxPercent !== undefined) {
    const hundredths = main.granted * amountOf(maxPercent);
    allowed = (hundredths / (100n * ONE * ONE)) * ONE;
  }
  for (const part of rolledOver.toReversed()) {
    part.granted = greatest(least(part.granted, allowed), part.reserved);
    allowed = atLeastZero(allowed - part.granted);
  }
}

export function isLive({ startsAt, expiresAt, expired }: Holding, now: number): boolean {
  return !expired && startsAt <= now && now < expiresAt;
}

export function overage({ grant, main }: Holding): bigint {
  return grant.unlimited ? 0n : atLeastZero(main.used - main.granted);
}
