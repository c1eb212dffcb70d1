import { type Case, oneOff } from './case.js';

export const OVERAGE: readonly Case[] = [
  {
    row: 50,
    title: 'OVERFLOW takes everything, and CAP takes nothing after that',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 150, overageBehavior: 'OVERFLOW' },
        expect: {
          answer: { unapplied: {} },
          balances: { messages: { remaining: 0, usage: 150 } },
        },
      },
      {
        track: { featureId: 'messages', value: 10, overageBehavior: 'CAP' },
        expect: {
          answer: { deducted: {}, unapplied: { messages: 10 } },
          balances: { messages: { remaining: 0, usage: 150 } },
        },
      },
    ],
  },
  {
    row: 51,
    title: 'REJECT changes nothing and says what was missing',
    grants: [oneOff('messages', 5)],
    steps: [
      {
        track: { featureId: 'messages', value: 7, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 2 } },
          balances: { messages: { remaining: 5, usage: 0 } },
          events: { count: 0 },
        },
      },
    ],
  },
  {
    row: 52,
    title: 'REJECT counts the overage that is allowed',
    grants: [oneOff('messages', 5, { overageAllowed: true, overageLimit: 5 })],
    steps: [
      {
        track: { featureId: 'messages', value: 7, overageBehavior: 'REJECT' },
        expect: { balances: { messages: { remaining: 0, overage: 2 } } },
      },
      {
        track: { featureId: 'messages', value: 3, overageBehavior: 'REJECT' },
        expect: { balances: { messages: { remaining: 0, overage: 5 } } },
      },
      {
        track: { featureId: 'messages', value: 1, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } },
          balances: { messages: { remaining: 0, overage: 5 } },
          events: { count: 2 },
        },
      },
    ],
  },
  {
    row: 53,
    title: 'OVERFLOW gives back beyond the grant',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      {
        track: { featureId: 'messages', value: -50, overageBehavior: 'OVERFLOW' },
        expect: {
          answer: { unapplied: {} },
          balances: { messages: { remaining: 120, usage: -20 } },
        },
      },
    ],
  },
  {
    row: 60,
    title: 'concurrent calls under CAP are all recorded, and what fits is taken',
    grants: [oneOff('messages', 5)],
    steps: [
      {
        atOnce: Array.from({ length: 5 }, () => ({ featureId: 'messages', value: 10 })),
        expect: {
          answers: { accepted: 5, refused: 0, unapplied: 45 },
          balances: { messages: { remaining: 0, usage: 5 } },
          events: { count: 5, sum: 50 },
        },
      },
    ],
  },
  {
    row: 61,
    title: 'of concurrent calls under REJECT, as many succeed as fit',
    grants: [oneOff('messages', 5, { overageAllowed: true, overageLimit: 5 })],
    steps: [
      {
        atOnce: Array.from({ length: 5 }, () => ({
          featureId: 'messages',
          value: 3,
          overageBehavior: 'REJECT' as const,
        })),
        expect: {
          answers: { accepted: 3, refused: 2 },
          balances: { messages: { remaining: 0, overage: 4, usage: 9 } },
          events: { count: 3 },
        },
      },
    ],
  },
  {
    row: 54,
    title: 'under REJECT, a value of 0 checks that the feature has a balance',
    grants: [oneOff('words', 1), oneOff('action1', 1)],
    steps: [
      {
        track: { featureId: 'messages', value: 0, overageBehavior: 'REJECT', idempotencyKey: 'k' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 0 } },
          events: { count: 0 },
        },
      },
      {
        track: { eventName: 'action-event', value: 0, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { action3: 0 } } },
      },
      { track: { featureId: 'words', value: 1 } },
      { track: { featureId: 'words', value: 0, overageBehavior: 'REJECT' } },
      { track: { featureId: 'dashboard', value: 0, overageBehavior: 'REJECT' } },
      {
        track: { featureId: 'messages', value: 0 },
        expect: { answer: { balance: null, unapplied: {} }, events: { count: 4 } },
      },
      { grant: oneOff('messages', 1) },
      {
        track: { featureId: 'messages', value: 0, overageBehavior: 'REJECT', idempotencyKey: 'k' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', replayed: true } },
      },
    ],
  },
];
