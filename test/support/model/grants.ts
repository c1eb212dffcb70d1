/** What the model's customer holds once something is granted. */
import { isDeepStrictEqual } from 'node:util';
import type { PlainGrant } from '../cases/plain.js';
import { firstBoundaryAfter } from './calendar.js';
import { type Holding, NEVER } from './holdings.js';
import { amountOf } from './numbers.js';

/** What a server adds to a grant, for calls over HTTP. */
export interface Made {
  readonly id: string;
  readonly createdAt: number;
}

/** Of a feature that is continuous or not. */
export function holdingOf(
  grant: PlainGrant,
  isContinuous: boolean,
  { id, createdAt }: Made,
): Holding {
  const { startsAt, expiresAt, reset } = grant;
  const start = startsAt === undefined ? -NEVER : Date.parse(startsAt);
  const begin = Math.max(start, createdAt);
  const since = startsAt ?? new Date(createdAt).toISOString();
  const anchor = Date.parse(reset?.anchor ?? since);
  const interval = { unit: reset?.interval ?? 'DAY', count: reset?.count ?? 1 };
  const periods = { anchor, interval, timeZone: reset?.timeZone ?? 'UTC' };
  return {
    grant,
    id,
    createdAt,
    startsAt: start,
    expiresAt: expiresAt === undefined ? NEVER : Date.parse(expiresAt),
    expired: false,
    overageAllowed: grant.unlimited !== true && (grant.overageAllowed ?? isContinuous),
    overageLimit: grant.overageLimit === undefined ? null : amountOf(grant.overageLimit),
    main: {
      number: 0,
      granted: amountOf(grant.granted ?? 0),
      used: 0n,
      reserved: 0n,
      endsAt: NEVER,
    },
    rolledOver: [],
    parts: 0,
    periods: reset === undefined ? null : periods,
    period: reset === undefined ? 0 : firstBoundaryAfter(begin, periods),
    resets: 0,
  };
}

/** The holding that has the id which the caller gives to a grant. */
export function formerOf(
  { balanceId }: PlainGrant,
  holdings: readonly Holding[],
): Holding | undefined {
  if (balanceId === undefined) return undefined;
  return holdings.find((holding) => holding.grant.balanceId === balanceId);
}

/**
 * Whether a grant with an id that a holding has is that holding (R31): what is agreed of both is the same. `holding` stands at
 * the time of the call.
 */
export function isThatHolding(grant: PlainGrant, isContinuous: boolean, holding: Holding): boolean {
  const again = holdingOf(grant, isContinuous, holding);
  return !holding.expired && isDeepStrictEqual(agreed(holding), agreed(again));
}

function agreed(holding: Holding): unknown[] {
  const { grant, startsAt, expiresAt, overageAllowed, overageLimit, main, periods } = holding;
  const { featureId, entityId, unlimited = false, priority = 0, reset } = grant;
  const { max, maxPercent, keep } = reset?.rollover ?? {};
  const rollover = reset?.rollover && [max, maxPercent, keep?.unit, keep?.count];
  return [
    ...[featureId, entityId, unlimited, priority, main.granted, startsAt, expiresAt],
    ...[overageAllowed, overageLimit, periods, reset?.carryOverage ?? false, rollover],
  ];
}
