import { type Case, monthly, oneOff } from './case.js';

const CLOCK = '2026-01-15T12:00:00.000Z';

export const BASICS: readonly Case[] = [
  {
    row: 1,
    title: 'tracking without a value takes 1',
    grants: [monthly('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages' },
        expect: { balances: { messages: { remaining: 99, usage: 1 } } },
      },
    ],
  },
  {
    row: 2,
    title: 'decimals are exact',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 23.47 },
        expect: { balances: { messages: { remaining: 76.53, usage: 23.47, granted: 100 } } },
      },
    ],
  },
  {
    row: 3,
    title: 'tracking a feature takes from its balances only',
    grants: [oneOff('action1', 100), oneOff('action2', 150), oneOff('action3', 200)],
    steps: [
      {
        track: { featureId: 'action1', value: 37.82 },
        expect: {
          balances: {
            action1: { remaining: 62.18 },
            action2: { remaining: 150 },
            action3: { remaining: 200 },
          },
        },
      },
    ],
  },
  {
    row: 4,
    title: 'nothing is taken for a boolean feature, but the event is recorded',
    grants: [{ name: 'dashboard', featureId: 'dashboard' }, oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'dashboard' },
        expect: {
          answer: { balance: null, deducted: {}, unapplied: {} },
          balances: { messages: { remaining: 100, usage: 0 } },
          events: { count: 1 },
        },
      },
    ],
  },
  {
    row: 5,
    title: 'an unlimited balance counts its usage',
    grants: [{ name: 'messages', featureId: 'messages', unlimited: true }],
    steps: [
      { track: { featureId: 'messages', value: 1 } },
      { track: { featureId: 'messages', value: 10 } },
      { track: { featureId: 'messages', value: 1_000_000 } },
      {
        atOnce: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => ({ featureId: 'messages', value })),
        expect: {
          balances: { messages: { unlimited: true, granted: 0, remaining: 0, usage: 1_000_066 } },
        },
      },
    ],
  },
  {
    row: 6,
    title: 'giving back stops at the grant',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 30 },
        expect: { balances: { messages: { remaining: 70, usage: 30 } } },
      },
      {
        track: { featureId: 'messages', value: -10 },
        expect: { balances: { messages: { remaining: 80, usage: 20 } } },
      },
      {
        track: { featureId: 'messages', value: -50 },
        expect: {
          answer: { deducted: { messages: -20 }, unapplied: { messages: -30 } },
          balances: { messages: { remaining: 100, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 7,
    title: 'nothing can be given back to a fresh grant',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: -37.89 },
        expect: { balances: { messages: { remaining: 100, usage: 0 } } },
      },
      { track: { featureId: 'messages', value: 50 } },
      {
        track: { featureId: 'messages', value: -37.89 },
        expect: { balances: { messages: { remaining: 87.89, usage: 12.11 } } },
      },
    ],
  },
  {
    row: 8,
    title: 'seats go into overage, and giving back reduces the overage first',
    grants: [oneOff('users', 5)],
    steps: [
      {
        track: { featureId: 'users', value: 8 },
        expect: { balances: { users: { remaining: 0, overage: 3, usage: 8 } } },
      },
      {
        track: { featureId: 'users', value: -2 },
        expect: { balances: { users: { remaining: 0, overage: 1, usage: 6 } } },
      },
      {
        track: { featureId: 'users', value: -2 },
        expect: { balances: { users: { remaining: 1, overage: 0, usage: 4 } } },
      },
    ],
  },
  {
    row: 9,
    title: 'an event name charges those of its features that have a balance',
    grants: [oneOff('action1', 150)],
    steps: [
      {
        track: { eventName: 'action-event', value: 37.89 },
        expect: { balances: { action1: { remaining: 112.11 }, action3: null } },
      },
    ],
  },
  {
    row: 10,
    title: 'an event name charges every feature with the full value',
    grants: [oneOff('action1', 200), oneOff('action3', 150)],
    steps: [
      {
        track: { eventName: 'action-event', value: 45.67 },
        expect: {
          answer: { balance: null, features: ['action1', 'action3'] },
          balances: { action1: { remaining: 154.33 }, action3: { remaining: 104.33 } },
        },
      },
    ],
  },
  {
    row: 11,
    title: 'the balance that expires sooner is taken first, whichever was granted first',
    clock: CLOCK,
    grants: [
      oneOff('credits', 100, { name: 'year', expiresAt: '2027-01-15T12:00:00.000Z' }),
      oneOff('credits', 100, { name: 'month', expiresAt: '2026-02-14T12:00:00.000Z' }),
    ],
    steps: [
      {
        track: { featureId: 'credits', value: 60 },
        expect: {
          balances: {
            credits: {
              remaining: 140,
              breakdown: { year: { remaining: 100 }, month: { remaining: 40 } },
            },
          },
        },
      },
    ],
  },
  {
    row: 12,
    title: 'a thousand times 0.1 is 100',
    grants: [oneOff('messages', 1000)],
    steps: [
      {
        atOnce: Array.from({ length: 1000 }, () => ({ featureId: 'messages', value: 0.1 })),
        expect: { balances: { messages: { remaining: 900 } } },
      },
    ],
  },
  {
    row: 13,
    title: 'an event shows the timestamp of its caller to the millisecond',
    clock: CLOCK,
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 7, timestamp: '2026-01-15T11:59:50.123Z' },
        expect: {
          balances: { messages: { remaining: 93 } },
          events: { count: 1, sum: 7, latestAt: '2026-01-15T11:59:50.123Z' },
        },
      },
    ],
  },
  {
    row: 14,
    title: 'events are recorded even without a balance',
    grants: [],
    steps: [
      {
        atOnce: [0.1, 0.2, 12.34, 5.678, 0.0000000001].map((value) => ({
          featureId: 'messages',
          value,
        })),
        expect: { balances: { messages: null }, events: { count: 5, sum: 18.3180000001 } },
      },
    ],
  },
];
