import { type Case, oneOff } from './case.js';

export const CREDIT_SYSTEMS: readonly Case[] = [
  {
    row: 20,
    title: 'a credit system is tracked like any feature',
    grants: [oneOff('credits', 100)],
    steps: [
      {
        track: { featureId: 'credits', value: 27.35 },
        expect: { balances: { credits: { remaining: 72.65 } } },
      },
    ],
  },
  {
    row: 21,
    title: 'a feature without its own balances is paid for in credits',
    grants: [oneOff('credits', 200)],
    steps: [
      {
        track: { featureId: 'action1', value: 50.25 },
        expect: { balances: { credits: { remaining: 189.95 } } },
      },
      {
        track: { featureId: 'action2', value: 33.67 },
        expect: { balances: { credits: { remaining: 169.748, usage: 30.252 } } },
      },
    ],
  },
  {
    row: 22,
    title: 'the own balance is taken first, the rest in credits',
    grants: [oneOff('action1', 100), oneOff('credits', 200)],
    steps: [
      {
        track: { featureId: 'action1', value: 40.5 },
        expect: { balances: { action1: { remaining: 59.5 }, credits: { remaining: 200 } } },
      },
      {
        track: { featureId: 'action1', value: 80 },
        expect: { balances: { action1: { remaining: 0 }, credits: { remaining: 195.9 } } },
      },
      {
        track: { featureId: 'action1', value: 50.75 },
        expect: { balances: { action1: { remaining: 0 }, credits: { remaining: 185.75 } } },
      },
    ],
  },
  {
    row: 23,
    title: 'an event name charges two features, each with its own credits',
    grants: [
      oneOff('action1', 80),
      oneOff('credits', 150),
      oneOff('action3', 60),
      oneOff('credits2', 100),
    ],
    steps: [
      {
        track: { eventName: 'action-event', value: 25.5 },
        expect: { balances: { action1: { remaining: 54.5 }, action3: { remaining: 34.5 } } },
      },
      {
        track: { eventName: 'action-event', value: 70 },
        expect: {
          answer: { unapplied: {} },
          balances: {
            action1: { remaining: 0 },
            action3: { remaining: 0 },
            credits: { remaining: 146.9 },
            credits2: { remaining: 50.3 },
          },
        },
      },
      {
        track: { eventName: 'action-event', value: 40.25 },
        expect: {
          answer: {
            deducted: { credits: 8.05, credits2: 50.3 },
            unapplied: { credits2: 6.05 },
          },
          balances: { credits: { remaining: 138.85 }, credits2: { remaining: 0 } },
        },
      },
    ],
  },
  {
    row: 24,
    title: 'only credits are taken if the own balance is empty',
    grants: [oneOff('action1', 100), oneOff('credits', 200)],
    steps: [
      { track: { featureId: 'action1', value: 100 } },
      {
        track: { featureId: 'action1', value: 50 },
        expect: {
          answer: { deducted: { credits: 10 } },
          balances: { action1: { remaining: 0 }, credits: { remaining: 190 } },
        },
      },
    ],
  },
  {
    row: 25,
    title: 'at a cost of 0, the own balance is taken first, and the rest is free',
    grants: [oneOff('action4', 10), oneOff('pass', 1)],
    steps: [
      {
        track: { featureId: 'action4', value: 25 },
        expect: {
          answer: { deducted: { action4: 10 }, unapplied: {}, features: ['action4', 'pass'] },
          balances: { action4: { remaining: 0, overage: 0 }, pass: { remaining: 1, usage: 0 } },
        },
      },
      {
        track: { featureId: 'action4', value: -30 },
        expect: {
          answer: { deducted: { action4: -10 }, unapplied: {} },
          balances: { action4: { remaining: 10, usage: 0 }, pass: { remaining: 1, usage: 0 } },
        },
      },
    ],
  },
  ...(['CAP', 'REJECT', 'OVERFLOW'] as const).map(
    (overageBehavior): Case => ({
      row: 26,
      title: `at a cost of 0, nothing is refused under ${overageBehavior}, even if nothing is left`,
      grants: [oneOff('pass', 0), oneOff('action4', 5, { overageAllowed: true })],
      steps: [
        {
          track: { featureId: 'action4', value: 1e15, overageBehavior },
          expect: {
            answer: { deducted: { action4: 5 }, unapplied: {} },
            balances: { action4: { overage: 0 }, pass: { usage: 0, overage: 0 } },
            events: { count: 1, sum: 1e15 },
          },
        },
      ],
    }),
  ),
  {
    row: 27,
    title: 'an event name charges one feature at a cost of 0 and the other for credits, or neither',
    grants: [oneOff('pass', 10)],
    steps: [
      {
        track: { eventName: 'mixed-event', value: 4, overageBehavior: 'REJECT' },
        expect: { answer: { deducted: { pass: 8 } }, balances: { pass: { remaining: 2 } } },
      },
      {
        track: { eventName: 'mixed-event', value: 4, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { pass: 6 } },
          balances: { pass: { remaining: 2 } },
          events: { count: 1 },
        },
      },
      {
        track: { eventName: 'mixed-event', value: 4 },
        expect: { answer: { deducted: { pass: 2 }, unapplied: { pass: 6 } } },
      },
    ],
  },
  {
    row: 28,
    title: 'a cost of 0 does not help without a balance of the credit system',
    grants: [],
    steps: [
      {
        track: { featureId: 'action4', value: 3, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { action4: 3 } },
          events: { count: 0 },
        },
      },
    ],
  },
];
