import { unreachable } from './assert.js';

export const INTERVAL_UNITS = [
  'MINUTE',
  'HOUR',
  'DAY',
  'WEEK',
  'MONTH',
  'QUARTER',
  'SEMI_ANNUAL',
  'YEAR',
] as const;

export type IntervalUnit = (typeof INTERVAL_UNITS)[number];

/** So many of a unit: a week is `{ unit: 'WEEK', count: 1 }`. */
export interface Interval {
  readonly unit: IntervalUnit;
  readonly count: number;
}

/** A point in time: milliseconds since 1970 in UTC. */
export type Instant = number;

const MINUTE_MS = 60_000;
const MONTH_MS_MIN = 28 * 24 * 60 * MINUTE_MS;

type Length = { readonly ms: number } | { readonly months: number };

function lengthOf({ unit, count }: Interval): Length {
  switch (unit) {
    case 'MINUTE':
      return { ms: count * MINUTE_MS };
    case 'HOUR':
      return { ms: count * 60 * MINUTE_MS };
    case 'DAY':
      return { ms: count * 24 * 60 * MINUTE_MS };
    case 'WEEK':
      return { ms: count * 7 * 24 * 60 * MINUTE_MS };
    case 'MONTH':
      return { months: count };
    case 'QUARTER':
      return { months: count * 3 };
    case 'SEMI_ANNUAL':
      return { months: count * 6 };
    case 'YEAR':
      return { months: count * 12 };
    default:
      return unreachable(unit);
  }
}

/**
 * `from` plus `times` intervals. Months end on the anchor's day, or on the month's last where it
 * has no such day.
 */
export function addInterval(from: Instant, interval: Interval, times: number): Instant {
  const length = lengthOf(interval);
  if ('ms' in length) return from + length.ms * times;
  return addMonths(from, length.months * times);
}

function addMonths(from: Instant, months: number): Instant {
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  date.setUTCDate(Math.min(day, daysInMonth(date)));
  return date.getTime();
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/**
 * The number of the first boundary after `after`, where boundary n is the anchor plus n intervals
 * (R15). Counted from the anchor and never from the last reset, so that the 31st comes back after a
 * February.
 */
export function nextBoundaryNumber(anchor: Instant, interval: Interval, after: Instant): number {
  const length = lengthOf(interval);
  if ('ms' in length) return Math.floor((after - anchor) / length.ms) + 1;
  let number = monthsBetween(anchor, after, length.months);
  while (addInterval(anchor, interval, number) <= after) number += 1;
  return number;
}

/** A lower bound for the boundary's number, at most two below it. */
function monthsBetween(anchor: Instant, after: Instant, months: number): number {
  const from = new Date(anchor);
  const to = new Date(after);
  const apart =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return Math.floor(apart / months) - 1;
}

/** The first boundary after `after`. */
export function nextBoundary(anchor: Instant, interval: Interval, after: Instant): Instant {
  return addInterval(anchor, interval, nextBoundaryNumber(anchor, interval, after));
}

/**
 * At most how many periods of `period` fit into `span`; for bounds, so months count at their
 * shortest and longest.
 */
export function periodsWithin(span: Interval, period: Interval): number {
  const spanLength = lengthOf(span);
  const periodLength = lengthOf(period);
  if ('months' in spanLength && 'months' in periodLength) {
    return Math.ceil(spanLength.months / periodLength.months);
  }
  const spanMs =
    'ms' in spanLength ? spanLength.ms : spanLength.months * (MONTH_MS_MIN + 3 * 86_400_000);
  const periodMs = 'ms' in periodLength ? periodLength.ms : periodLength.months * MONTH_MS_MIN;
  return Math.ceil(spanMs / periodMs);
}
