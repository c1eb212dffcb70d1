/** R15: periods in the local time of a time zone. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundaryAt,
  type IntervalUnit,
  nextBoundary,
  nextBoundaryNumber,
} from '../../src/domain/interval.js';
import { findTimeZone, instantAtWallTime, wallTimeAt } from '../../src/domain/time-zone.js';
import { later } from '../support/model/calendar.js';
import { firstShown, shownAt } from '../support/model/clocks.js';
import { always } from '../support/random/always.js';
import { at } from './given.js';

describe('a time zone', () => {
  it.each<[string, string | null | undefined]>([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['AMERICA/ARGENTINA/BUENOS_AIRES', 'America/Argentina/Buenos_Aires'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
    ['africa/dar_es_salaam', 'Africa/Dar_es_Salaam'],
    // Aliases are kept, whatever the runtime resolves them to.
    ['asia/calcutta', 'Asia/Calcutta'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['US/Pacific', 'US/Pacific'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
    ['est5edt', 'EST5EDT'],
    ['etc/gmt+5', 'Etc/GMT+5'],
    ['Etc/UTC', 'Etc/UTC'],
    ['UTC', null],
    ['utc', null],
    ['Mars/Olympus', undefined],
    ['Europe/Berli', undefined],
    ['', undefined],
    [' Europe/Berlin', undefined],
    ['Europe/Berlin ', undefined],
    ['Europe/Berlin\n', undefined],
    ['Europe//Berlin', undefined],
    ['+01:00', undefined],
    ['-08', undefined],
    ['UTC+1', undefined],
    ['Z', undefined],
    ['CST', undefined],
    ['2026-01-01T00:00[Europe/Berlin]', undefined],
    ['2026-01-01T00:00Z', undefined],
    ['SystemV/EST5', undefined],
    ['constructor', undefined],
    ['a'.repeat(10_000), undefined],
  ])('%j is found as %j', (name, found) => {
    expect(findTimeZone(name)).toBe(found);
  });
});

/** The boundaries of a schedule after an instant. */
type Row = [
  what: string,
  zone: string,
  anchor: string,
  unit: IntervalUnit,
  after: string,
  ...string[],
];

describe('R15: boundaries are at the same wall-clock time', () => {
  it.each<Row>([
    [
      'when clocks go forward in spring',
      'Europe/Berlin',
      '2026-03-27T08:00:00Z',
      'DAY',
      '2026-03-28T08:00:00Z',
      '2026-03-29T07:00:00Z',
      '2026-03-30T07:00:00Z',
    ],
    [
      'when clocks go back in autumn',
      'America/New_York',
      '2026-10-01T04:00:00Z',
      'MONTH',
      '2026-10-01T04:00:00Z',
      '2026-11-01T04:00:00Z',
      '2026-12-01T05:00:00Z',
    ],
    [
      'on the days of the zone, which may differ from those of UTC',
      'Asia/Kathmandu',
      '2026-01-30T18:15:00Z',
      'MONTH',
      '2026-01-30T18:15:00Z',
      '2026-02-27T18:15:00Z',
      '2026-03-30T18:15:00Z',
    ],
    [
      'which, if it is skipped, is the next one, and the day after is itself again',
      'Europe/Berlin',
      '2026-03-28T01:30:00Z',
      'DAY',
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ],
    [
      'which, if it occurs twice, is the first',
      'Europe/Berlin',
      '2026-10-24T00:30:00Z',
      'DAY',
      '2026-10-24T00:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ],
    [
      'only once, even if that time occurs twice',
      'Europe/Berlin',
      '2026-10-24T00:30:00Z',
      'DAY',
      '2026-10-25T01:15:00Z',
      '2026-10-26T01:30:00Z',
    ],
    [
      'when half an hour is skipped',
      'Australia/Lord_Howe',
      '2026-10-02T15:45:00Z',
      'DAY',
      '2026-10-02T15:45:00Z',
      '2026-10-03T15:30:00Z',
      '2026-10-04T15:15:00Z',
    ],
    [
      'when two hours are skipped',
      'Antarctica/Troll',
      '2026-03-28T01:30:00Z',
      'DAY',
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T23:30:00Z',
    ],
    [
      'when a day is skipped, whose boundary is that of the next day',
      'Pacific/Apia',
      '2011-12-29T10:00:00Z',
      'DAY',
      '2011-12-29T10:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-31T10:00:00Z',
    ],
    [
      'if the offset has seconds',
      'Africa/Monrovia',
      '1972-01-06T00:54:30Z',
      'DAY',
      '1972-01-06T00:54:30Z',
      '1972-01-07T00:44:30Z',
      '1972-01-08T00:10:00Z',
    ],
    [
      'of a week',
      'America/St_Johns',
      '2026-03-01T03:30:00Z',
      'WEEK',
      '2026-03-01T03:30:00Z',
      '2026-03-08T03:30:00Z',
      '2026-03-15T02:30:00Z',
    ],
    [
      'of a quarter, in the far future',
      'Europe/Berlin',
      '2980-07-01T10:00:00Z',
      'QUARTER',
      '2999-06-30T00:00:00Z',
      '2999-07-01T10:00:00Z',
      '2999-10-01T10:00:00Z',
      '3000-01-01T11:00:00Z',
    ],
    [
      'but hours are elapsed time',
      'Europe/Berlin',
      '2026-03-28T23:30:00Z',
      'HOUR',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T02:30:00Z',
    ],
    [
      'and so are minutes',
      'Australia/Lord_Howe',
      '2026-04-04T14:59:00Z',
      'MINUTE',
      '2026-04-04T14:59:00Z',
      '2026-04-04T15:00:00Z',
      '2026-04-04T15:01:00Z',
    ],
  ])('%s: %s', (_, timeZone, anchor, unit, after, ...expected) => {
    const schedule = { anchor: at(anchor), interval: { unit, count: 1 }, timeZone };
    let last = at(after);
    const found = expected.map(() => {
      last = nextBoundary(schedule, last);
      return new Date(last).toISOString().replace('.000', '');
    });
    expect(found).toEqual(expected);
  });
});

/** Every zone that this runtime lists, and some that are aliases. */
const ZONES = [
  ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'),
  ...['US/Pacific', 'Asia/Katmandu', 'Europe/Kyiv', 'Etc/GMT+12', 'Etc/GMT-14', 'Etc/UTC'],
];

/** Zones whose clocks change in unusual ways. */
const ODD = [
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'Antarctica/Casey',
  'Africa/Casablanca',
  'Africa/El_Aaiun',
  'Africa/Monrovia',
  'America/St_Johns',
  'America/Caracas',
  'America/Godthab',
  'Asia/Pyongyang',
  'Europe/Dublin',
  'Europe/London',
  'America/Sao_Paulo',
];

const zone = fc.oneof(fc.constantFrom(...ZONES), fc.constantFrom(...ODD));
const [FIRST, LAST] = [at('1970-01-01T00:00:00Z'), at('2999-12-31T23:59:59.999Z')];

/** Mostly full half hours in years with clock changes; some are exactly at a change. */
const instant = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.integer({ min: 0, max: 80 * 365 * 48 }).map((half) => half * 1_800_000),
  },
  { weight: 1, arbitrary: fc.integer({ min: FIRST, max: LAST }) },
);

/** Within two days of a change of the zone's clocks, if it has any in the year. */
const nearChange = fc
  .tuple(zone, fc.integer({ min: 1970, max: 2060 }), fc.integer({ min: -96, max: 96 }))
  .map(([name, year, halves]) => {
    const offsetAt = (time: number) => shownAt(time, name) - time;
    let [before, after] = [Date.UTC(year, 0, 1), Date.UTC(year, 6, 1)];
    const old = offsetAt(before);
    if (old !== offsetAt(after)) {
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (offsetAt(middle) === old) before = middle;
        else after = middle;
      }
    }
    return [name, after + halves * 1_800_000] as const;
  });

const moment = fc.oneof(fc.tuple(zone, instant), nearChange);

describe('in every zone, from 1970 to 2999,', () => {
  it('wall clocks agree with Intl', () =>
    always(3000, moment, ([name, time]) => {
      expect(wallTimeAt(time, name)).toBe(shownAt(time, name));
    }));

  it('a wall-clock time is the first instant that shows it, or the end of the gap', () =>
    always(3000, moment, ([name, time]) => {
      expect(instantAtWallTime(time, name)).toBe(firstShown(time, name));
    }));

  const unit = fc.constantFrom<IntervalUnit>(
    'MINUTE',
    'HOUR',
    'DAY',
    'WEEK',
    'MONTH',
    'QUARTER',
    'SEMI_ANNUAL',
    'YEAR',
  );

  it('the next boundary is the first one after the instant, as in the reference', () =>
    always(
      1500,
      fc.tuple(moment, instant, unit, fc.integer({ min: 1, max: 40 })),
      ([[timeZone, after], anchor, unit, count]) => {
        const schedule = { anchor, interval: { unit, count }, timeZone };
        const number = nextBoundaryNumber(schedule, after);
        const next = nextBoundary(schedule, after);
        expect(next).toBe(boundaryAt(schedule, number));
        expect(next).toBe(later(schedule, number));
        expect(next).toBeGreaterThan(after);
        expect(later(schedule, number - 1)).toBeLessThanOrEqual(after);
      },
    ));
});
