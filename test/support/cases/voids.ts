import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const FEBRUARY = '2026-02-01T00:00:00.000Z';
const MARCH = '2026-03-01T00:00:00.000Z';

/** R34. */
export const VOIDS: readonly Case[] = [
  {
    row: 90,
    title: 'an undone event counts no longer, however often it is undone',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30.5 } },
      { track: { featureId: 'messages', value: 10 } },
      {
        void: 0,
        expect: {
          voided: { reversed: { messages: 30.5 } },
          balances: { messages: { remaining: 90, usage: 10 } },
          events: { count: 2, sum: 10 },
        },
      },
      {
        void: 0,
        expect: {
          voided: { replayed: true, reversed: { messages: 30.5 } },
          balances: { messages: { remaining: 90, usage: 10 } },
          events: { count: 2, sum: 10 },
        },
      },
    ],
  },
  {
    row: 91,
    title: 'an event gives back to every balance that paid for it, credits included',
    grants: [oneOff('action1', 10), oneOff('credits', 100), oneOff('action3', 60)],
    steps: [
      {
        track: { eventName: 'action-event', value: 25 },
        expect: {
          balances: {
            action1: { remaining: 0 },
            action3: { remaining: 35 },
            credits: { usage: 3 },
          },
        },
      },
      {
        void: 0,
        expect: {
          voided: { reversed: { action1: 10, credits: 3, action3: 25 } },
          balances: {
            action1: { remaining: 10 },
            action3: { remaining: 60 },
            credits: { remaining: 100 },
          },
        },
      },
    ],
  },
  {
    row: 92,
    title: 'what was given back already stays given back once',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { track: { featureId: 'messages', value: -20 } },
      {
        void: 0,
        expect: {
          voided: {
            reversed: { messages: 10 },
            notReversed: { 'messages ALREADY_GIVEN_BACK': 20 },
          },
          balances: { messages: { remaining: 100, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 93,
    title: 'what an event gave back is taken again, beyond the grant if need be',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 100 } },
      { track: { featureId: 'messages', value: -40 } },
      { track: { featureId: 'messages', value: 40 } },
      {
        void: 1,
        expect: {
          voided: { reversed: { messages: -40 } },
          balances: { messages: { remaining: 0, usage: 140, overage: 40 } },
        },
      },
    ],
  },
  {
    row: 94,
    title: 'an event of an earlier period changes nothing in this one',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY }), oneOff('words', 10)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: FEBRUARY },
      { track: { featureId: 'messages', value: 50 } },
      {
        void: 0,
        expect: {
          voided: { reversed: {}, notReversed: { 'messages PERIOD_OVER': 30 } },
          balances: { messages: { remaining: 50, usage: 50 } },
        },
      },
      {
        void: 1,
        expect: { voided: { reversed: { messages: 50 } }, balances: { messages: { usage: 0 } } },
      },
    ],
  },
  {
    row: 95,
    title: 'an event of the first millisecond of a period belongs to it',
    clock: FEBRUARY,
    grants: [
      monthly('messages', 100, { expiresAt: '2026-03-15T00:00:00.000Z' }, { anchor: JANUARY }),
    ],
    steps: [
      { clock: MARCH },
      { track: { featureId: 'messages', value: 30 } },
      { clock: '2026-03-14T23:00:00.000Z' },
      {
        void: 0,
        expect: {
          voided: { reversed: { messages: 30 } },
          balances: { messages: { remaining: 100, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 96,
    title: 'nothing is given back to a balance that has ended',
    clock: JANUARY,
    grants: [
      oneOff('messages', 100, { expiresAt: FEBRUARY }),
      oneOff('messages', 50, { name: 'b' }),
    ],
    steps: [
      {
        track: { featureId: 'messages', value: 120 },
        expect: { answer: { deducted: { messages: 100, b: 20 } } },
      },
      { clock: FEBRUARY },
      {
        void: 0,
        expect: {
          voided: { reversed: { b: 20 }, notReversed: { 'messages BALANCE_ENDED': 100 } },
          balances: { messages: { remaining: 50, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 97,
    title: 'the grant is filled before an amount rolled over, as if the event had not been',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY, rollover: {} })],
    steps: [
      { track: { featureId: 'messages', value: 60 } },
      { clock: FEBRUARY },
      { track: { featureId: 'messages', value: 30 } },
      { track: { featureId: 'messages', value: 20 } },
      {
        look: true,
        expect: { balances: { messages: { breakdown: { messages: { rolledOver: [0] } } } } },
      },
      {
        void: 1,
        expect: {
          voided: { reversed: { messages: 30 } },
          balances: {
            messages: { usage: 20, remaining: 120, breakdown: { messages: { rolledOver: [20] } } },
          },
        },
      },
    ],
  },
  {
    row: 98,
    title: 'nothing is given back to an amount rolled over that has expired',
    clock: JANUARY,
    grants: [
      monthly(
        'messages',
        100,
        {},
        { anchor: JANUARY, rollover: { keep: { unit: 'DAY', count: 10 } } },
      ),
    ],
    steps: [
      { track: { featureId: 'messages', value: 60 } },
      { clock: FEBRUARY },
      { track: { featureId: 'messages', value: 30 } },
      { clock: MARCH },
      { track: { featureId: 'messages', value: 50 } },
      { clock: '2026-03-20T00:00:00.000Z' },
      {
        void: 2,
        expect: {
          voided: { reversed: { messages: 40 }, notReversed: { 'messages PERIOD_OVER': 10 } },
        },
      },
    ],
  },
  {
    row: 99,
    title: 'overage goes first, and what an unlimited balance has counted goes too',
    grants: [oneOff('users', 5), { name: 'words', featureId: 'words', unlimited: true }],
    steps: [
      { track: { featureId: 'users', value: 8 } },
      { track: { featureId: 'words', value: 1_000 } },
      { track: { featureId: 'words', value: 10 } },
      {
        void: 0,
        expect: { balances: { users: { remaining: 5, usage: 0, overage: 0 } } },
      },
      { void: 1, expect: { balances: { words: { usage: 10, unlimited: true } } } },
    ],
  },
  {
    row: 100,
    title: "an entity's own balance and the customer's get back what each has paid",
    entities: ['seat1'],
    grants: [oneOff('messages', 100), oneOff('messages', 10, { name: 'own', entityId: 'seat1' })],
    steps: [
      {
        track: { featureId: 'messages', entityId: 'seat1', value: 25 },
        expect: { answer: { deducted: { own: 10, messages: 15 } } },
      },
      {
        void: 0,
        expect: {
          voided: { reversed: { own: 10, messages: 15 } },
          balances: { messages: { remaining: 110 } },
          entities: { seat1: { messages: { remaining: 110 } } },
        },
      },
    ],
  },
  {
    row: 101,
    title: 'an event that took nothing, or was free, is undone as well',
    grants: [oneOff('pass', 1)],
    steps: [
      { track: { featureId: 'action4', value: 25 } },
      { track: { featureId: 'messages', value: 3 } },
      { void: 0, expect: { voided: { reversed: {} }, balances: { pass: { remaining: 1 } } } },
      { void: 1, expect: { voided: { reversed: {} }, events: { count: 2, sum: 0 } } },
    ],
  },
];
