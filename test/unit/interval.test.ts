import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundaryAt,
  INTERVAL_UNITS,
  type Interval,
  type IntervalUnit,
  nextBoundary,
  nextBoundaryNumber,
  periodsWithin,
} from '../../src/domain/interval.js';
import { firstBoundaryAfter, later } from '../support/model/calendar.js';
import { always } from '../support/random/always.js';
import { at } from './given.js';

const inUtc = (anchor: number, interval: Interval) => ({ anchor, interval, timeZone: null });

const day = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The first boundaries after the anchor. */
function boundaries(anchor: string, unit: IntervalUnit, count: number, howMany: number): string[] {
  const found: string[] = [];
  let last = at(anchor);
  while (found.length < howMany) {
    last = nextBoundary(inUtc(at(anchor), { unit, count }), last);
    found.push(day(last));
  }
  return found;
}

describe('R15: boundaries', () => {
  it.each<[string, IntervalUnit, number, string[]]>([
    ['2026-01-28', 'MONTH', 1, ['2026-02-28', '2026-03-28', '2026-04-28']],
    ['2026-01-29', 'MONTH', 1, ['2026-02-28', '2026-03-29', '2026-04-29']],
    ['2026-01-30', 'MONTH', 1, ['2026-02-28', '2026-03-30', '2026-04-30']],
    ['2026-01-31', 'MONTH', 1, ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']],
    ['2028-01-29', 'MONTH', 1, ['2028-02-29', '2028-03-29']],
    ['2028-01-31', 'MONTH', 1, ['2028-02-29', '2028-03-31']],
    ['2026-02-28', 'MONTH', 1, ['2026-03-28', '2026-04-28']],
    ['2026-12-31', 'MONTH', 1, ['2027-01-31', '2027-02-28', '2027-03-31']],
    ['2026-01-31', 'MONTH', 2, ['2026-03-31', '2026-05-31', '2026-07-31', '2026-09-30']],
    ['2025-12-31', 'MONTH', 2, ['2026-02-28', '2026-04-30']],
    ['2026-01-31', 'MONTH', 13, ['2027-02-28', '2028-03-31']],
    ['2025-11-30', 'QUARTER', 1, ['2026-02-28', '2026-05-30', '2026-08-30', '2026-11-30']],
    ['2026-01-31', 'QUARTER', 1, ['2026-04-30', '2026-07-31', '2026-10-31', '2027-01-31']],
    ['2026-01-31', 'QUARTER', 3, ['2026-10-31', '2027-07-31', '2028-04-30']],
    ['2025-08-31', 'SEMI_ANNUAL', 1, ['2026-02-28', '2026-08-31', '2027-02-28', '2027-08-31']],
    ['2027-08-31', 'SEMI_ANNUAL', 1, ['2028-02-29', '2028-08-31']],
    ['2026-05-31', 'SEMI_ANNUAL', 3, ['2027-11-30', '2029-05-31']],
    ['2028-02-29', 'YEAR', 1, ['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29']],
    ['2028-02-29', 'YEAR', 4, ['2032-02-29', '2036-02-29']],
    ['2096-02-29', 'YEAR', 4, ['2100-02-28', '2104-02-29']],
    ['2026-06-15', 'YEAR', 2, ['2028-06-15', '2030-06-15']],
    ['2026-02-27', 'DAY', 1, ['2026-02-28', '2026-03-01']],
    ['2028-02-27', 'DAY', 2, ['2028-02-29', '2028-03-02']],
    ['2026-12-28', 'WEEK', 1, ['2027-01-04', '2027-01-11']],
    ['2026-12-28', 'WEEK', 2, ['2027-01-11', '2027-01-25']],
  ])('from %s every %s x %d', (anchor, unit, count, expected) => {
    expect(boundaries(anchor, unit, count, expected.length)).toEqual(expected);
  });

  it.each<[IntervalUnit, number, string]>([
    ['MINUTE', 1, '2026-03-29T01:31:15.250Z'],
    ['MINUTE', 90, '2026-03-29T03:00:15.250Z'],
    ['HOUR', 1, '2026-03-29T02:30:15.250Z'],
    ['HOUR', 36, '2026-03-30T13:30:15.250Z'],
    ['DAY', 1, '2026-03-30T01:30:15.250Z'],
    ['WEEK', 1, '2026-04-05T01:30:15.250Z'],
    ['MONTH', 1, '2026-04-29T01:30:15.250Z'],
    ['YEAR', 1, '2027-03-29T01:30:15.250Z'],
  ])('every %s x %d keep the time of day in UTC, through any clock change', (unit, count, to) => {
    const anchor = at('2026-03-29T01:30:15.250Z');
    expect(new Date(nextBoundary(inUtc(anchor, { unit, count }), anchor)).toISOString()).toBe(to);
  });

  it.each<[IntervalUnit, string, string]>([
    ['MONTH', '2026-02-27T23:59:59.999Z', '2026-02-28T00:00:00.000Z'],
    ['MONTH', '2026-02-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z'],
    ['MONTH', '2026-03-30T23:59:59.999Z', '2026-03-31T00:00:00.000Z'],
    ['MONTH', '2026-03-31T00:00:00.000Z', '2026-04-30T00:00:00.000Z'],
    ['DAY', '2026-02-27T23:59:59.999Z', '2026-02-28T00:00:00.000Z'],
    ['DAY', '2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ])('of every %s: the first after %s is %s', (unit, from, to) => {
    const anchor = at('2026-01-31T00:00:00Z');
    expect(new Date(nextBoundary(inUtc(anchor, { unit, count: 1 }), at(from))).toISOString()).toBe(
      to,
    );
  });

  it.each<[IntervalUnit, string]>([
    ['MINUTE', '2026-01-01T00:00:00.000Z'],
    ['MONTH', '2026-01-31T00:00:00.000Z'],
    ['YEAR', '2026-08-31T00:00:00.000Z'],
  ])('of every %s exist before the anchor as well', (unit, expected) => {
    const anchor = at('2030-08-31T00:00:00Z');
    const found = nextBoundary(inUtc(anchor, { unit, count: 1 }), at(expected) - 1);
    expect(new Date(found).toISOString()).toBe(expected);
  });

  it('are found far from the anchor', () => {
    const anchor = at('1970-01-31T00:00:00Z');
    const end = at('2400-03-30T23:59:59.999Z');
    expect(day(nextBoundary(inUtc(anchor, { unit: 'MONTH', count: 1 }), end))).toBe('2400-03-31');
    expect(nextBoundary(inUtc(anchor, { unit: 'MINUTE', count: 1 }), end)).toBe(end + 1);
    expect(day(boundaryAt(inUtc(anchor, { unit: 'YEAR', count: 1000 }), 3))).toBe('4970-01-31');
  });
});

const interval: fc.Arbitrary<Interval> = fc.record({
  unit: fc.constantFrom(...INTERVAL_UNITS),
  count: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constantFrom(100, 1000)),
});

const instant = fc.oneof(
  fc.integer({ min: at('1971-01-01'), max: at('2200-01-01') }),
  // Ends of months and leap days, to the millisecond.
  fc
    .record({
      year: fc.integer({ min: 1990, max: 2110 }),
      month: fc.nat(11),
      day: fc.constantFrom(28, 29, 30, 31),
      ms: fc.constantFrom(-1, 0, 1),
    })
    .map((it) => Date.UTC(it.year, it.month, it.day) + it.ms),
);

describe('the next boundary', () => {
  it('is after the instant, and the one before it is not', () =>
    always(3000, fc.tuple(instant, interval, instant), ([anchor, every, now]) => {
      const number = nextBoundaryNumber(inUtc(anchor, every), now);
      expect(boundaryAt(inUtc(anchor, every), number)).toBeGreaterThan(now);
      expect(boundaryAt(inUtc(anchor, every), number - 1)).toBeLessThanOrEqual(now);
      expect(nextBoundary(inUtc(anchor, every), now)).toBe(
        boundaryAt(inUtc(anchor, every), number),
      );
    }));

  it('never drifts: it is always counted from the anchor', () =>
    always(1500, fc.tuple(instant, interval, fc.integer({ min: -60, max: 60 })), (given) => {
      const [anchor, every, some] = given;
      // Going back a thousand years or more could lead to before the year 1.
      const number = every.count < 100 ? some : Math.abs(some);
      const boundary = boundaryAt(inUtc(anchor, every), number);
      const utc = { anchor, interval: every, timeZone: 'UTC' };
      expect(boundary).toBe(later(utc, number));
      expect(nextBoundary(inUtc(anchor, every), boundary)).toBe(later(utc, number + 1));
      expect(nextBoundary(inUtc(anchor, every), boundary - 1)).toBe(boundary);
      expect(firstBoundaryAfter(boundary, utc)).toBe(number + 1);
    }));
});

describe('the periods within a span', () => {
  it.each<[IntervalUnit, number, IntervalUnit, number, number]>([
    ['MONTH', 1, 'MONTH', 1, 1],
    ['YEAR', 1, 'MONTH', 1, 12],
    ['YEAR', 1, 'QUARTER', 1, 4],
    ['MONTH', 1, 'YEAR', 1, 1],
    ['MONTH', 5, 'QUARTER', 1, 2],
    ['WEEK', 1, 'DAY', 1, 7],
    ['HOUR', 25, 'DAY', 1, 2],
    ['MONTH', 1, 'DAY', 1, 31],
    ['DAY', 31, 'MONTH', 1, 2],
    ['DAY', 28, 'MONTH', 1, 1],
  ])('of %s x %d are, for %s x %d, at most %d', (unit, count, every, times, expected) => {
    expect(periodsWithin({ unit, count }, { unit: every, count: times })).toBe(expected);
  });

  it('are never fewer than the boundaries within that span', () => {
    const few = fc.record({
      unit: fc.constantFrom(...INTERVAL_UNITS.slice(2)),
      count: fc.integer({ min: 1, max: 4 }),
    });
    const given = fc.tuple(instant, few, few, fc.integer({ min: 0, max: 40 }));
    return always(1000, given, ([anchor, span, period, number]) => {
      const end = boundaryAt(inUtc(boundaryAt(inUtc(anchor, period), number), span), 1);
      const seen = nextBoundaryNumber(inUtc(anchor, period), end) - 1 - number;
      expect(seen).toBeLessThanOrEqual(periodsWithin(span, period));
    });
  });
});
