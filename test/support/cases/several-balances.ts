import { type Case, monthly, oneOff } from './case.js';

export const SEVERAL_BALANCES: readonly Case[] = [
  {
    row: 30,
    title: 'a balance that resets is taken before one that does not',
    grants: [
      monthly('messages', 500, { name: 'monthly' }),
      oneOff('messages', 200, { name: 'one-off' }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 100 },
        expect: {
          balances: {
            messages: { breakdown: { monthly: { remaining: 400 }, 'one-off': { remaining: 200 } } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 450 },
        expect: {
          balances: {
            messages: {
              remaining: 150,
              usage: 550,
              breakdown: { monthly: { remaining: 0 }, 'one-off': { remaining: 150 } },
            },
          },
        },
      },
    ],
  },
  {
    row: 31,
    title: 'overage starts once every balance is empty',
    grants: [
      monthly('messages', 500, { name: 'monthly', overageAllowed: true }),
      oneOff('messages', 200, { name: 'one-off' }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 100 },
        expect: {
          balances: {
            messages: { breakdown: { monthly: { remaining: 400 }, 'one-off': { remaining: 200 } } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 500 },
        expect: {
          balances: {
            messages: { breakdown: { monthly: { remaining: 0 }, 'one-off': { remaining: 100 } } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 200 },
        expect: {
          answer: { deducted: { monthly: 100, 'one-off': 100 }, unapplied: {} },
          balances: {
            messages: {
              granted: 700,
              usage: 800,
              remaining: 0,
              overage: 100,
              breakdown: { monthly: { overage: 100 }, 'one-off': { remaining: 0, overage: 0 } },
            },
          },
        },
      },
    ],
  },
  {
    row: 32,
    title: 'giving back reduces overage first, then usage in drain order',
    grants: [
      monthly('messages', 100, { name: 'monthly' }),
      oneOff('messages', 50, { name: 'one-off' }),
      monthly('messages', 0, { name: 'overage', overageAllowed: true }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 180 },
        expect: { balances: { messages: { remaining: 0, overage: 30 } } },
      },
      {
        track: { featureId: 'messages', value: -20 },
        expect: { balances: { messages: { remaining: 0, overage: 10 } } },
      },
      {
        track: { featureId: 'messages', value: -20 },
        expect: {
          balances: {
            messages: {
              remaining: 10,
              usage: 140,
              overage: 0,
              breakdown: { monthly: { remaining: 10 }, 'one-off': { remaining: 0 } },
            },
          },
        },
      },
      {
        track: { featureId: 'messages', value: -50 },
        expect: {
          balances: {
            messages: {
              remaining: 60,
              usage: 90,
              breakdown: { monthly: { remaining: 60 }, 'one-off': { remaining: 0 } },
            },
          },
        },
      },
    ],
  },
  {
    row: 33,
    title: 'the total is the sum of the breakdown',
    grants: [
      monthly('messages', 100, { name: 'monthly 1' }),
      monthly('messages', 50, { name: 'monthly 2' }),
      oneOff('messages', 200, { name: 'one-off' }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 120 },
        expect: { balances: { messages: { granted: 350, remaining: 230, usage: 120 } } },
      },
      {
        track: { featureId: 'messages', value: 200 },
        expect: {
          balances: {
            messages: {
              granted: 350,
              remaining: 30,
              usage: 320,
              breakdown: { 'one-off': { remaining: 30 } },
            },
          },
        },
      },
    ],
  },
  {
    // An hour instead of the row's three seconds, so that the speed of the machine does not matter.
    row: 34,
    title: 'a balance that expires is taken first, and is gone afterwards',
    clock: '2026-01-15T12:00:00.000Z',
    grants: [
      oneOff('messages', 100, { name: 'short', expiresAt: '2026-01-15T13:00:00.000Z' }),
      oneOff('messages', 50, { name: 'long' }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 10 },
        expect: {
          balances: { messages: { remaining: 140, breakdown: { short: { remaining: 90 } } } },
        },
      },
      {
        track: { featureId: 'messages', value: 120 },
        expect: { balances: { messages: { remaining: 20 } } },
      },
      {
        clock: '2026-01-15T13:00:00.000Z',
        expect: { balances: { messages: { granted: 50, remaining: 20, usage: 30 } } },
      },
    ],
  },
  {
    row: 35,
    title: 'the breakdown is in drain order, whatever the order of creation',
    clock: '2026-01-15T12:00:00.000Z',
    entities: ['seat1'],
    grants: [
      oneOff('messages', 10, { name: 'overage', overageAllowed: true }),
      oneOff('messages', 10, { name: 'plain' }),
      oneOff('messages', 10, { name: 'later', expiresAt: '2026-03-01T00:00:00.000Z' }),
      monthly('messages', 10, { name: 'monthly' }, { anchor: '2026-01-20T00:00:00.000Z' }),
      oneOff('messages', 10, { name: 'low', priority: -1 }),
      oneOff('messages', 10, { name: 'seat', entityId: 'seat1', priority: 9 }),
    ],
    steps: [
      {
        look: true,
        expect: {
          balances: {
            messages: { order: ['seat', 'low', 'monthly', 'later', 'plain', 'overage'] },
          },
          entities: {
            seat1: { messages: { order: ['seat', 'low', 'monthly', 'later', 'plain', 'overage'] } },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 15, entityId: 'seat1' },
        expect: { answer: { deducted: { seat: 10, low: 5 } } },
      },
      // A reset moves the monthly balance behind the one that ends before the next reset.
      {
        clock: '2026-02-20T00:00:00.000Z',
        expect: {
          balances: {
            messages: { order: ['seat', 'low', 'later', 'monthly', 'plain', 'overage'] },
          },
        },
      },
      {
        track: { featureId: 'messages', value: 10 },
        expect: { answer: { deducted: { low: 5, later: 5 } } },
      },
    ],
  },
];
