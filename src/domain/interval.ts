import { unreachable } from './assert.js';
import { instantAtWallTime, type TimeZone, wallTimeAt } from './time-zone.js';

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

/** A number of units: a week is `{ unit: 'WEEK', count: 1 }`. */
export interface Interval {
  readonly unit: IntervalUnit;
  readonly count: number;
}

/** A point in time: milliseconds since 1970 in UTC. */
export type Instant = number;

/**
 * When periods begin: at the anchor plus any number of intervals (R15). Days and longer units are
 * counted by the clocks of the time zone, hours and minutes as time that elapses.
 */
export interface Schedule {
  readonly interval: Interval;
  readonly anchor: Instant;
  readonly timeZone: TimeZone;
}

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

/** Boundary `number` of the schedule: the anchor plus that many intervals. */
export function boundaryAt(schedule: Schedule, number: number): Instant {
  const { interval, anchor } = schedule;
  const timeZone = zoneOf(schedule);
  return instantAtWallTime(addInterval(wallTimeAt(anchor, timeZone), interval, number), timeZone);
}

function zoneOf({ interval: { unit }, timeZone }: Omit<Schedule, 'anchor'>): TimeZone {
  return unit === 'MINUTE' || unit === 'HOUR' ? null : timeZone;
}

/**
 * One interval after boundary `number` of the schedule. Where both are counted by the same clock, in months or in days, it is
 * counted from the anchor as well: a month after the end of February is the end of March.
 */
export function afterBoundary(schedule: Schedule, number: number, interval: Interval): Instant {
  const { anchor, timeZone } = schedule;
  const zone = zoneOf({ interval, timeZone });
  const isSameClock =
    zone === zoneOf(schedule) && isCalendar(interval) === isCalendar(schedule.interval);
  if (!isSameClock) {
    return boundaryAt({ anchor: boundaryAt(schedule, number), interval, timeZone }, 1);
  }
  const [every, more] = [lengthOf(schedule.interval), lengthOf(interval)];
  const from = wallTimeAt(anchor, zone);
  return instantAtWallTime(
    'months' in every && 'months' in more
      ? addMonths(from, every.months * number + more.months)
      : addInterval(addInterval(from, schedule.interval, number), interval, 1),
    zone,
  );
}

function isCalendar(interval: Interval): boolean {
  return 'months' in lengthOf(interval);
}

/**
 * `from` plus `times` intervals by one clock. Months end on the day that they began, or on the
 * month's last if it has no such day.
 */
function addInterval(from: number, interval: Interval, times: number): number {
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
 * The number of the first boundary after `after`. Counted from the anchor and never from the last
 * reset, so that the 31st comes back after a February. Two boundaries may be one instant, where
 * clocks skip a day: then it is the second of them that counts.
 */
export function nextBoundaryNumber(schedule: Schedule, after: Instant): number {
  const { interval, anchor } = schedule;
  const timeZone = zoneOf(schedule);
  const length = lengthOf(interval);
  const [from, to] = [wallTimeAt(anchor, timeZone), wallTimeAt(after, timeZone)];
  let number =
    'ms' in length
      ? Math.floor((to - from) / length.ms) + 1
      : monthsBetween(from, to, length.months);
  if ('ms' in length && timeZone === null) return number;
  // Clocks that are set back show times again whose boundary has passed.
  while (boundaryAt(schedule, number) <= after) number += 1;
  return number;
}

/** A lower bound on the boundary's number, at most two below it. */
function monthsBetween(anchor: number, after: number, months: number): number {
  const from = new Date(anchor);
  const to = new Date(after);
  const apart =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return Math.floor(apart / months) - 1;
}

/** The first boundary after `after`. */
export function nextBoundary(schedule: Schedule, after: Instant): Instant {
  return boundaryAt(schedule, nextBoundaryNumber(schedule, after));
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
