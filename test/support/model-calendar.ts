/** The model's own calendar, in UTC, by the rules that one learns at school. */
import type { Instant, Interval } from '../../src/domain/interval.js';

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

/** `times` intervals after `at`; a day that the month lacks becomes its last. */
export function later(at: Instant, { unit, count }: Interval, times: number): Instant {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return at + fixed * count * times;
  const date = new Date(at);
  const months = date.getUTCMonth() + (MONTHS[unit] ?? 0) * count * times;
  const year = date.getUTCFullYear() + Math.floor(months / 12);
  const month = months - Math.floor(months / 12) * 12;
  const day = Math.min(date.getUTCDate(), daysIn(year, month));
  return Date.UTC(year, month, day) + (at - Math.floor(at / DAY) * DAY);
}

/** The number of the first boundary after `at`: boundary n is n intervals after the anchor. */
export function firstBoundaryAfter(at: Instant, anchor: Instant, interval: Interval): number {
  let number = 0;
  while (later(anchor, interval, number) > at) number -= 1;
  while (later(anchor, interval, number) <= at) number += 1;
  return number;
}
