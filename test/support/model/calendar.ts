/** The model's own calendar, by the plain rules of the Gregorian calendar. */
import type { Instant, Interval } from '../../../src/domain/interval.js';
import { firstShown, shownAt } from './clocks.js';

const DAY = 24 * 60 * 60 * 1000;

const FIXED: Readonly<Record<string, number>> = {
  MINUTE: 60 * 1000,
  HOUR: 60 * 60 * 1000,
  DAY,
  WEEK: 7 * DAY,
};

const MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, SEMI_ANNUAL: 6, YEAR: 12 };

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
  return (DAYS[month] ?? 0) + (leap && month === 1 ? 1 : 0);
}

export interface Periods {
  readonly anchor: Instant;
  readonly interval: Interval;
  readonly timeZone: string;
}

/** Boundary number `times`. A day that does not exist in the month becomes its last day. */
export function later(periods: Periods, times: number): Instant {
  const { anchor, interval, timeZone } = periods;
  const elapses = interval.unit === 'MINUTE' || interval.unit === 'HOUR' || timeZone === 'UTC';
  if (elapses) return onOneClock(anchor, interval, times);
  const key = `${anchor} ${interval.count} ${interval.unit} ${timeZone} ${times}`;
  const instant =
    boundaries.get(key) ??
    firstShown(onOneClock(shownAt(anchor, timeZone), interval, times), timeZone);
  if (boundaries.size >= BOUNDARIES_MAX) boundaries.clear();
  boundaries.set(key, instant);
  return instant;
}

/**
 * When an amount ends that is kept for so long after a boundary: months, or days, are counted together with those before it,
 * so that what is kept for a month ends at a boundary.
 */
export function keptUntil(periods: Periods, times: number, keep: Interval): Instant {
  const { interval } = periods;
  for (const [unit, lengths] of [
    ['MONTH', MONTHS],
    ['DAY', IN_DAYS],
  ] as const) {
    const [every, more] = [lengths[interval.unit], lengths[keep.unit]];
    if (every === undefined || more === undefined) continue;
    const count = every * interval.count * times + more * keep.count;
    return later({ ...periods, interval: { unit, count } }, 1);
  }
  return later({ ...periods, anchor: later(periods, times), interval: keep }, 1);
}

const IN_DAYS: Readonly<Record<string, number>> = { DAY: 1, WEEK: 7 };

/** Histories use the same boundaries repeatedly, and `Intl` is slow. */
const boundaries = new Map<string, Instant>();
const BOUNDARIES_MAX = 100_000;

function onOneClock(from: number, { unit, count }: Interval, times: number): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return from + fixed * count * times;
  const date = new Date(from);
  const months = date.getUTCMonth() + (MONTHS[unit] ?? 0) * count * times;
  const year = date.getUTCFullYear() + Math.floor(months / 12);
  const month = months - Math.floor(months / 12) * 12;
  const day = Math.min(date.getUTCDate(), daysIn(year, month));
  return Date.UTC(year, month, day) + (from - Math.floor(from / DAY) * DAY);
}

/** The number of the first boundary after `at`. */
export function firstBoundaryAfter(at: Instant, periods: Periods): number {
  // Wherever the search starts, it ends at the same boundary.
  const { anchor, interval } = periods;
  const length = (FIXED[interval.unit] ?? (MONTHS[interval.unit] ?? 1) * 30 * DAY) * interval.count;
  let number = Math.floor((at - anchor) / length);
  while (later(periods, number) > at) number -= 1;
  while (later(periods, number) <= at) number += 1;
  return number;
}
