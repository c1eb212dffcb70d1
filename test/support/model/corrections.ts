/** How the model's customer has its holdings corrected and ended (R32, R33). */
import type { PlainReset, PlainResetUpdate, PlainUpdate } from '../cases/plain.js';
import { firstBoundaryAfter } from './calendar.js';
import { charge } from './charge.js';
import { ended, type Holding, left, NEVER, type Part } from './holdings.js';
import { amountOf, atLeastZero, COST_ONE, least, sum } from './numbers.js';

/** The holding, which stands at `now`, after the correction. */
export function corrected(original: Holding, update: PlainUpdate, now: number): Holding {
  const holding = structuredClone(original);
  const { granted, usage, remaining, reset, priority } = update;
  const changed: Holding = {
    ...holding,
    ...(reset === undefined ? {} : periodsOf(holding, reset, now)),
    expiresAt: endOf(holding, update),
    overageAllowed: update.overageAllowed ?? holding.overageAllowed,
    overageLimit: limitOf(holding, update),
  };
  if (granted !== undefined) changed.main.granted = amountOf(granted);
  if (usage !== undefined && amountOf(usage) !== total(changed, 'used')) {
    use(changed, amountOf(usage));
  }
  if (remaining !== undefined && !stands(changed, amountOf(remaining))) {
    use(changed, most(changed) - amountOf(remaining));
  }
  return priority === undefined ? changed : { ...changed, grant: { ...changed.grant, priority } };
}

function endOf(holding: Holding, { expiresAt }: PlainUpdate): number {
  if (expiresAt === undefined) return holding.expiresAt;
  return expiresAt === null ? NEVER : Date.parse(expiresAt);
}

function limitOf(holding: Holding, { overageLimit, overageAllowed }: PlainUpdate): bigint | null {
  if (overageLimit === undefined) return overageAllowed === false ? null : holding.overageLimit;
  return overageLimit === null ? null : amountOf(overageLimit);
}

function periodsOf(
  { grant, periods, startsAt, createdAt }: Holding,
  reset: PlainResetUpdate | null,
  now: number,
): Pick<Holding, 'grant' | 'periods' | 'period'> {
  const { reset: former, ...terms } = grant;
  const isNone = reset === null || (reset.interval === undefined && former === undefined);
  if (isNone) return { grant: terms, periods: null, period: 0 };
  const interval = reset.interval ?? former?.interval ?? 'DAY';
  const usual = reset.interval === undefined ? former?.count : undefined;
  const rollover = reset.rollover === undefined ? former?.rollover : (reset.rollover ?? undefined);
  const merged: PlainReset = {
    interval,
    count: reset.count ?? usual ?? 1,
    timeZone: reset.timeZone ?? former?.timeZone ?? 'UTC',
    carryOverage: reset.carryOverage ?? former?.carryOverage ?? false,
    ...(rollover === undefined ? {} : { rollover }),
  };
  const begin = startsAt === -NEVER ? createdAt : startsAt;
  const anchor = reset.anchor === undefined ? (periods?.anchor ?? begin) : Date.parse(reset.anchor);
  const schedule = {
    anchor,
    interval: { unit: interval, count: merged.count ?? 1 },
    timeZone: merged.timeZone ?? 'UTC',
  };
  return {
    grant: { ...terms, reset: merged },
    periods: schedule,
    period: firstBoundaryAfter(Math.max(now, startsAt), schedule),
  };
}

/** Whether so much is left, and usage says so too: there is neither overage nor anything given back beyond the grant. */
function stands(holding: Holding, remaining: bigint): boolean {
  const free = sum([atLeastZero(left(holding.main)), ...holding.rolledOver.map(left)]);
  return free === remaining && most(holding) - total(holding, 'used') === remaining;
}

/** What could be used, beside what is set aside. */
function most({ main, rolledOver }: Holding): bigint {
  return sum([main, ...rolledOver].map((part) => atLeastZero(part.granted - part.reserved)));
}

function total({ main, rolledOver }: Holding, figure: 'granted' | 'used'): bigint {
  return sum([main, ...rolledOver].map((part) => part[figure]));
}

/** What was carried over is used first, what ends first before the rest. */
function use(holding: Holding, usage: bigint): void {
  let rest = usage;
  const byEnd = (a: Part, b: Part) => (a.endsAt === b.endsAt ? 0 : a.endsAt - b.endsAt);
  for (const part of holding.rolledOver.toSorted(byEnd)) {
    part.used = least(part.granted - part.reserved, rest);
    rest -= part.used;
  }
  holding.main.used = rest;
}

/** The holdings, which stand at `now`, once one has ended. Its usage goes to others of its feature, if there are any. */
export function withoutOne(
  holdings: readonly Holding[],
  name: string,
  transferUsage: boolean,
  now: number,
): Holding[] {
  const others = holdings.filter(({ grant }) => grant.name !== name);
  return holdings.map((holding) => {
    if (!isNamed(holding, name)) return holding;
    const { grant } = holding;
    const value = total(holding, 'used');
    if (transferUsage && value !== 0n) {
      const { isHeld } = charge(others, {
        payers: [{ id: grant.featureId, cost: COST_ONE }],
        entityId: grant.entityId ?? null,
        overageBehavior: 'OVERFLOW',
        value,
        now,
      });
      if (isHeld) use(holding, 0n);
    }
    return ended(holding);
  });
}

/** Whether it is the holding with that name, and has not ended. */
export function isNamed({ grant, expired }: Holding, name: string): boolean {
  return grant.name === name && !expired;
}
