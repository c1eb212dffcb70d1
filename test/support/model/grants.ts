/** What the model's customer holds once something is granted. */
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
