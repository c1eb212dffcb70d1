/** Corrections of balances: R32 and R33. */
import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00Z';

export const CORRECTIONS: readonly Case[] = [
  {
    row: 320,
    title: 'usage is set, and more can be used than was left before',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 90 } },
      {
        update: { name: 'messages', usage: 10 },
        expect: { balances: { messages: { usage: 10, remaining: 90 } } },
      },
      { update: { name: 'messages', usage: 10 } },
      {
        track: { featureId: 'messages', value: 85 },
        expect: { answer: { deducted: { messages: 85 } }, balances: { messages: { usage: 95 } } },
      },
    ],
  },
  {
    row: 321,
    title: 'usage above the grant is overage, and setting what remains forgives it',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        update: { name: 'messages', usage: 130 },
        expect: { balances: { messages: { usage: 130, remaining: 0, overage: 30 } } },
      },
      {
        update: { name: 'messages', remaining: 0 },
        expect: { balances: { messages: { usage: 100, remaining: 0, overage: 0 } } },
      },
      {
        update: { name: 'messages', granted: 150, remaining: 20 },
        expect: { balances: { messages: { granted: 150, usage: 130, remaining: 20 } } },
      },
    ],
  },
  {
    row: 322,
    title: 'the grant is that of this period and of those to come',
    clock: JANUARY,
    grants: [monthly('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 80 } },
      {
        update: { name: 'messages', granted: 50 },
        expect: { balances: { messages: { granted: 50, usage: 80, remaining: 0, overage: 30 } } },
      },
      {
        clock: '2026-02-01T00:00:01Z',
        expect: { balances: { messages: { granted: 50, usage: 0, remaining: 50 } } },
      },
    ],
  },
  {
    row: 323,
    title: 'priority decides who pays from now on',
    grants: [oneOff('messages', 10, { name: 'a' }), oneOff('messages', 10, { name: 'b' })],
    steps: [
      {
        track: { featureId: 'messages', value: 1 },
        expect: { answer: { deducted: { a: 1 } } },
      },
      {
        update: { name: 'b', priority: -1 },
        expect: { balances: { messages: { order: ['b', 'a'] } } },
      },
      {
        track: { featureId: 'messages', value: 1 },
        expect: { answer: { deducted: { b: 1 } } },
      },
    ],
  },
  {
    row: 324,
    title: 'an expiry is set, moved and removed',
    clock: JANUARY,
    grants: [oneOff('messages', 10)],
    steps: [
      { update: { name: 'messages', expiresAt: '2026-01-10T00:00:00Z' } },
      { update: { name: 'messages', expiresAt: '2026-01-20T00:00:00Z' } },
      { clock: '2026-01-15T00:00:00Z', expect: { balances: { messages: { remaining: 10 } } } },
      { update: { name: 'messages', expiresAt: null } },
      { clock: '2026-03-01T00:00:00Z', expect: { balances: { messages: { remaining: 10 } } } },
      { update: { name: 'messages', expiresAt: '2026-03-02T00:00:00Z' } },
      { clock: '2026-03-02T00:00:00Z', expect: { balances: { messages: null } } },
    ],
  },
  {
    row: 325,
    title: 'overage is allowed, limited and forbidden',
    grants: [oneOff('messages', 10)],
    steps: [
      { update: { name: 'messages', overageAllowed: true, overageLimit: 5 } },
      {
        track: { featureId: 'messages', value: 20 },
        expect: { answer: { deducted: { messages: 15 }, unapplied: { messages: 5 } } },
      },
      { update: { name: 'messages', overageLimit: null } },
      {
        track: { featureId: 'messages', value: 20 },
        expect: { answer: { deducted: { messages: 20 }, unapplied: {} } },
      },
      { update: { name: 'messages', overageAllowed: false } },
      {
        track: { featureId: 'messages', value: 1, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE' } },
      },
    ],
  },
  {
    row: 326,
    title: 'a new interval ends the period at its first boundary, counted from the same anchor',
    clock: JANUARY,
    grants: [monthly('messages', 10, {}, { anchor: '2026-01-01T00:00:00Z' })],
    steps: [
      { track: { featureId: 'messages', value: 4 } },
      {
        update: { name: 'messages', reset: { interval: 'WEEK' } },
        expect: { balances: { messages: { usage: 4, nextResetAt: '2026-01-08T00:00:00.000Z' } } },
      },
      {
        clock: '2026-01-08T00:00:00Z',
        expect: { balances: { messages: { usage: 0, nextResetAt: '2026-01-15T00:00:00.000Z' } } },
      },
      {
        update: { name: 'messages', reset: { count: 2, anchor: '2026-01-05T00:00:00Z' } },
        expect: { balances: { messages: { nextResetAt: '2026-01-19T00:00:00.000Z' } } },
      },
      {
        update: { name: 'messages', reset: null },
        expect: { balances: { messages: { nextResetAt: null } } },
      },
    ],
  },
  {
    row: 327,
    title: 'a rollover rule holds for the resets to come, and what was carried over is used first',
    clock: JANUARY,
    grants: [monthly('messages', 10, {}, { anchor: JANUARY })],
    steps: [
      { update: { name: 'messages', reset: { rollover: { max: 8 } } } },
      {
        clock: '2026-02-01T00:00:00Z',
        expect: { balances: { messages: { granted: 18, remaining: 18 } } },
      },
      {
        update: { name: 'messages', usage: 12 },
        expect: {
          balances: {
            messages: { remaining: 6, breakdown: { messages: { rolledOver: [0], usage: 12 } } },
          },
        },
      },
      {
        update: { name: 'messages', remaining: 15 },
        expect: { balances: { messages: { breakdown: { messages: { rolledOver: [5] } } } } },
      },
      { update: { name: 'messages', reset: { rollover: null } } },
      {
        clock: '2026-03-01T00:00:00Z',
        expect: {
          balances: { messages: { granted: 15, breakdown: { messages: { rolledOver: [5] } } } },
        },
      },
    ],
  },
  {
    row: 330,
    title: 'a deleted balance takes its usage with it',
    grants: [oneOff('messages', 10, { name: 'a' }), oneOff('messages', 10, { name: 'b' })],
    steps: [
      { track: { featureId: 'messages', value: 6 } },
      {
        delete: { name: 'a' },
        expect: { balances: { messages: { granted: 10, usage: 0, remaining: 10, order: ['b'] } } },
      },
    ],
  },
  {
    row: 331,
    title:
      'usage of a deleted balance is charged to the others in drain order, whatever their limits',
    grants: [
      oneOff('messages', 10, { name: 'a', priority: -1, overageAllowed: true }),
      oneOff('messages', 4, { name: 'b' }),
      oneOff('messages', 3, { name: 'c' }),
      oneOff('words', 100),
    ],
    steps: [
      { track: { featureId: 'messages', value: 22 } },
      {
        delete: { name: 'a', transferUsage: true },
        expect: {
          balances: {
            messages: {
              granted: 7,
              usage: 22,
              overage: 15,
              breakdown: { b: { usage: 19, overage: 15 }, c: { usage: 3 } },
            },
            words: { usage: 0 },
          },
        },
      },
    ],
  },
  {
    row: 332,
    title:
      "an entity's usage goes to its own balances, then to the customer's; the customer's stays with it",
    entities: ['seat'],
    grants: [
      oneOff('messages', 10, { name: 'own', entityId: 'seat' }),
      oneOff('messages', 5, { name: 'more', entityId: 'seat', priority: 1 }),
      oneOff('messages', 10, { name: 'shared' }),
      oneOff('messages', 10, { name: 'spare' }),
    ],
    steps: [
      { track: { featureId: 'messages', entityId: 'seat', value: 8 } },
      {
        delete: { name: 'own', transferUsage: true },
        expect: {
          balances: { messages: { breakdown: { more: { usage: 5 }, shared: { usage: 3 } } } },
        },
      },
      {
        delete: { name: 'shared', transferUsage: true },
        expect: {
          balances: { messages: { breakdown: { more: { usage: 5 }, spare: { usage: 3 } } } },
        },
      },
      {
        delete: { name: 'spare', transferUsage: true },
        expect: { balances: { messages: { usage: 5, order: ['more'] } } },
      },
    ],
  },
];
