import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const FEBRUARY = '2026-02-01T00:00:00.000Z';
const MARCH = '2026-03-01T00:00:00.000Z';

export const RESETS: readonly Case[] = [
  {
    row: 80,
    title: 'the full grant is available again a month later',
    clock: '2026-01-15T12:00:00.000Z',
    grants: [monthly('messages', 100, {}, { anchor: '2026-01-15T12:00:00.000Z' })],
    steps: [
      {
        track: { featureId: 'messages', value: 30 },
        expect: {
          balances: { messages: { remaining: 70, nextResetAt: '2026-02-15T12:00:00.000Z' } },
        },
      },
      {
        clock: '2026-02-15T12:00:00.000Z',
        expect: {
          balances: {
            messages: { remaining: 100, usage: 0, nextResetAt: '2026-03-15T12:00:00.000Z' },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 20 },
        expect: { balances: { messages: { remaining: 80, usage: 20 } } },
      },
    ],
  },
  {
    row: 81,
    title: 'resets return to the 31st after shorter months',
    clock: '2026-01-31T00:00:00.000Z',
    grants: [monthly('messages', 100, {}, { anchor: '2026-01-31T00:00:00.000Z' })],
    steps: [
      {
        look: true,
        expect: { balances: { messages: { nextResetAt: '2026-02-28T00:00:00.000Z' } } },
      },
      {
        clock: '2026-02-28T00:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-03-31T00:00:00.000Z' } } },
      },
      {
        clock: '2026-03-31T00:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-04-30T00:00:00.000Z' } } },
      },
    ],
  },
  {
    row: 82,
    title: 'rolled-over amounts are kept up to a maximum, and taken oldest first',
    clock: JANUARY,
    grants: [
      monthly(
        'messages',
        400,
        {},
        { anchor: JANUARY, rollover: { max: 500, keep: { unit: 'MONTH', count: 1 } } },
      ),
    ],
    steps: [
      { track: { featureId: 'messages', value: 250 } },
      {
        clock: FEBRUARY,
        expect: {
          balances: {
            messages: { remaining: 550, breakdown: { messages: { rolledOver: [150] } } },
          },
        },
      },
      {
        clock: MARCH,
        expect: {
          balances: {
            messages: { remaining: 900, breakdown: { messages: { rolledOver: [100, 400] } } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 150 },
        expect: {
          balances: {
            messages: { remaining: 750, breakdown: { messages: { rolledOver: [0, 350] } } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 400 },
        expect: {
          balances: {
            messages: { remaining: 350, breakdown: { messages: { rolledOver: [0, 0] } } },
          },
        },
      },
    ],
  },
  {
    row: 83,
    title: 'a maximum in percent refers to the grant',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY, rollover: { maxPercent: 50 } })],
    steps: [
      { track: { featureId: 'messages', value: 20 } },
      {
        clock: FEBRUARY,
        expect: {
          balances: {
            messages: {
              granted: 150,
              remaining: 150,
              usage: 0,
              breakdown: { messages: { rolledOver: [50] } },
            },
          },
        },
      },
    ],
  },
  {
    row: 84,
    title: 'overage is forgiven at a reset',
    clock: JANUARY,
    grants: [monthly('messages', 100, { overageAllowed: true }, { anchor: JANUARY })],
    steps: [
      {
        track: { featureId: 'messages', value: 160 },
        expect: { balances: { messages: { remaining: 0, overage: 60 } } },
      },
      {
        clock: FEBRUARY,
        expect: { balances: { messages: { remaining: 100, overage: 0 } } },
      },
    ],
  },
  {
    row: 84,
    title: 'carried overage is taken from the next period',
    clock: JANUARY,
    grants: [
      monthly('messages', 100, { overageAllowed: true }, { anchor: JANUARY, carryOverage: true }),
    ],
    steps: [
      { track: { featureId: 'messages', value: 160 } },
      {
        clock: FEBRUARY,
        expect: { balances: { messages: { remaining: 40, overage: 0, usage: 60 } } },
      },
    ],
  },
  {
    row: 86,
    title: 'without an anchor, periods are counted from a start in the past',
    clock: '2026-02-10T12:00:00.000Z',
    grants: [monthly('messages', 100, { startsAt: '2026-01-31T08:00:00.000Z' })],
    steps: [
      {
        look: true,
        expect: { balances: { messages: { nextResetAt: '2026-02-28T08:00:00.000Z' } } },
      },
      {
        clock: '2026-02-28T08:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-03-31T08:00:00.000Z' } } },
      },
    ],
  },
  {
    row: 87,
    title: 'a daily reset is at midnight of its time zone, through daylight saving',
    clock: '2026-03-28T12:00:00.000Z',
    grants: [
      {
        ...oneOff('messages', 10),
        reset: { interval: 'DAY', anchor: '2026-01-01T00:00:00+01:00', timeZone: 'Europe/Berlin' },
      },
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 4 },
        expect: {
          balances: { messages: { remaining: 6, nextResetAt: '2026-03-28T23:00:00.000Z' } },
        },
      },
      {
        clock: '2026-03-28T23:00:00.000Z',
        expect: {
          balances: { messages: { remaining: 10, nextResetAt: '2026-03-29T22:00:00.000Z' } },
        },
      },
      {
        clock: '2026-10-24T23:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-10-25T23:00:00.000Z' } } },
      },
    ],
  },
  {
    row: 88,
    title: 'months are those of the time zone, as is the lifetime of rolled-over amounts',
    clock: '2026-01-31T05:30:00.000Z',
    grants: [
      monthly(
        'messages',
        100,
        {},
        {
          anchor: '2026-01-31T02:30:00-03:30',
          timeZone: 'America/St_Johns',
          rollover: { keep: { unit: 'WEEK', count: 1 } },
        },
      ),
    ],
    steps: [
      {
        look: true,
        expect: { balances: { messages: { nextResetAt: '2026-01-31T06:00:00.000Z' } } },
      },
      {
        clock: '2026-02-01T00:00:00.000Z',
        expect: {
          balances: { messages: { remaining: 200, nextResetAt: '2026-02-28T06:00:00.000Z' } },
        },
      },
      {
        clock: '2026-03-07T05:59:59.000Z',
        expect: { balances: { messages: { remaining: 300 } } },
      },
      // In summer time, the week after the end of a period ends an hour earlier.
      {
        clock: '2026-04-07T04:59:58.000Z',
        expect: {
          balances: { messages: { remaining: 300, nextResetAt: '2026-04-30T05:00:00.000Z' } },
        },
      },
      {
        clock: '2026-04-07T05:00:00.000Z',
        expect: { balances: { messages: { remaining: 200 } } },
      },
    ],
  },
  {
    row: 89,
    title:
      'a reset at a skipped time is at the next one, and at a time that occurs twice at the first',
    clock: '2026-03-28T12:00:00.000Z',
    grants: [
      {
        ...oneOff('messages', 10),
        reset: { interval: 'DAY', anchor: '2026-03-01T02:30:00+01:00', timeZone: 'Europe/Berlin' },
      },
    ],
    steps: [
      {
        look: true,
        expect: { balances: { messages: { nextResetAt: '2026-03-29T01:00:00.000Z' } } },
      },
      {
        clock: '2026-03-29T01:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-03-30T00:30:00.000Z' } } },
      },
      {
        clock: '2026-10-24T12:00:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-10-25T00:30:00.000Z' } } },
      },
      {
        clock: '2026-10-25T00:30:00.000Z',
        expect: { balances: { messages: { nextResetAt: '2026-10-26T01:30:00.000Z' } } },
      },
    ],
  },
];
