/** What the model's customer holds: how it changes with time, by a use, and how it looks. */
import type { Interval } from '../../src/domain/interval.js';
import { after } from './model-calendar.js';
import { amountOf, atLeastZero, least, ONE, sum, textOf } from './model-numbers.js';
import type { PlainBalance, PlainGrant, View } from './plain.js';

/** An amount to use: the main grant of a period, or what was carried over from an earlier one. */
export interface Part {
  granted: bigint;
  used: bigint;
  readonly endsAt: number | null;
}

export interface Holding {
  readonly grant: PlainGrant;
  readonly id: string;
  readonly createdAt: number;
  readonly startsAt: number | null;
  readonly expiresAt: number | null;
  expired: boolean;
  readonly overageAllowed: boolean;
  /** Null for any. */
  readonly overageLimit: bigint | null;
  readonly main: Part;
  /** Oldest first. */
  rolledOver: Part[];
  readonly periods: { readonly anchor: number; readonly interval: Interval } | null;
  /** The number of the boundary at which the current period ends. */
  period: number;
}

export function left({ granted, used }: Part): bigint {
  return granted - used;
}

/** R14: the holding as it stands at `now`, whatever came due one by one. */
export function caughtUp(original: Holding, now: number): Holding {
  const holding = structuredClone(original);
  if (holding.startsAt !== null && holding.startsAt > now) return holding;
  for (;;) {
    const at = nextChange(holding);
    if (at === null || at > now) return holding;
    if (at === holding.expiresAt) expire(holding);
    else if (partEnds(holding).includes(at)) endParts(holding, at);
    else reset(holding);
  }
}

function nextChange(holding: Holding): number | null {
  if (holding.expired) return null;
  const instants = [...partEnds(holding), holding.expiresAt, nextReset(holding)];
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function partEnds({ rolledOver }: Holding): number[] {
  return rolledOver.flatMap((part) => (left(part) > 0n && part.endsAt !== null ? part.endsAt : []));
}

/** The end of the current period, if the holding lives to see it. */
export function nextReset({ periods, period, expiresAt, expired }: Holding): number | null {
  if (periods === null || expired) return null;
  const at = after(periods.anchor, periods.interval, period);
  return expiresAt !== null && at >= expiresAt ? null : at;
}

function expire(holding: Holding): void {
  holding.expired = true;
  holding.main.granted = least(holding.main.granted, atLeastZero(holding.main.used));
  holding.rolledOver = [];
}

function endParts(holding: Holding, at: number): void {
  for (const part of holding.rolledOver) if (part.endsAt === at) part.granted = part.used;
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
    const periodEnd = after(periods.anchor, periods.interval, holding.period);
    const endsAt = rollover.keep === undefined ? null : after(periodEnd, rollover.keep, 1);
    if (endsAt === null && kept !== undefined) kept.granted += unused;
    else holding.rolledOver.push({ granted: unused, used: 0n, endsAt });
    trim(holding);
  }
  holding.rolledOver = holding.rolledOver.filter(({ granted }) => granted > 0n);
}

/** Cuts what is above the rule's maximum, from the oldest amount on. */
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
  return !expired && (startsAt ?? now) <= now && now < (expiresAt ?? Number.POSITIVE_INFINITY);
}

/** R9: a customer sees its own and its entities', an entity its own and the customer's. */
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
  const resets = seen.map(nextReset).filter((at) => at !== null);
  return {
    featureId,
    granted: unlimited ? '0' : total(granted),
    remaining: unlimited ? '0' : total(remaining),
    usage: total(usage),
    overage: total(overage),
    unlimited,
    overageAllowed: seen.some(({ overageAllowed }) => overageAllowed),
    nextResetAt: resets.length === 0 ? null : new Date(Math.min(...resets)).toISOString(),
    breakdown: seen.map(balanceOf),
  };
}

function balanceOf(holding: Holding): PlainBalance {
  return {
    grant: holding.grant.name,
    granted: textOf(granted(holding)),
    remaining: textOf(remaining(holding)),
    usage: textOf(usage(holding)),
    overage: textOf(overage(holding)),
    rolledOver: holding.rolledOver.map((part) => textOf(left(part))),
  };
}

function granted({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => part.granted));
}

function usage({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => part.used));
}

function remaining({ grant, main, rolledOver }: Holding): bigint {
  const ofMain = grant.unlimited ? 0n : atLeastZero(left(main));
  return sum([ofMain, ...rolledOver.map(left)]);
}

export function overage({ grant, main }: Holding): bigint {
  return grant.unlimited ? 0n : atLeastZero(-left(main));
}
