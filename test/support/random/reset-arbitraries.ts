/** How the balances of random histories reset. */
import * as fc from 'fast-check';
import type { Interval, IntervalUnit } from '../../../src/domain/interval.js';
import type { PlainReset } from '../cases/plain.js';

/** Resets with one of these anchors, and the same without a rollover. */
export function resetOf(anchor: fc.Arbitrary<string>) {
  const reset: fc.Arbitrary<PlainReset> = fc.oneof(
    ...UNITS.map((unit) => resetEvery(unit, anchor)),
  );
  const unlimitedReset = reset.map(({ rollover: _, ...rule }): PlainReset => rule);
  return { reset, unlimitedReset };
}

/** Units for the lifetime of a rollover: four of them are never longer than a hundred reset periods. */
const KEEP_UNITS = {
  HOUR: ['HOUR', 'DAY'],
  DAY: ['HOUR', 'DAY', 'WEEK'],
  WEEK: ['DAY', 'WEEK', 'MONTH'],
  MONTH: ['DAY', 'WEEK', 'MONTH', 'QUARTER'],
  QUARTER: ['WEEK', 'MONTH', 'QUARTER', 'SEMI_ANNUAL', 'YEAR'],
} as const satisfies Partial<Record<IntervalUnit, readonly IntervalUnit[]>>;

const UNITS = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER'] as const;

const keep = (unit: (typeof UNITS)[number]): fc.Arbitrary<Interval> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        unit: fc.constantFrom<IntervalUnit>(...KEEP_UNITS[unit]),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ unit, count: 100 }) },
  );

/** Zones whose clocks change in different ways and at different times of the year. */
const TIME_ZONES = [
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
] as const;

const resetEvery = (
  unit: (typeof UNITS)[number],
  anchor: fc.Arbitrary<string>,
): fc.Arbitrary<PlainReset> =>
  fc.record(
    {
      interval: fc.constant(unit),
      count: fc.integer({ min: 1, max: 3 }),
      anchor,
      timeZone: fc.constantFrom(...TIME_ZONES),
      rollover: fc.oneof(
        fc.record({ keep: keep(unit) }, { requiredKeys: [] }),
        fc.record({ max: fc.nat({ max: 60 }), keep: keep(unit) }, { requiredKeys: ['max'] }),
        fc.record(
          { maxPercent: fc.nat({ max: 250 }), keep: keep(unit) },
          { requiredKeys: ['maxPercent'] },
        ),
      ),
      carryOverage: fc.boolean(),
    },
    { requiredKeys: ['interval'] },
  );
