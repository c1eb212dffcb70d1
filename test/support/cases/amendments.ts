import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const LATE_IN_JANUARY = '2026-01-20T00:00:00.000Z';
const FEBRUARY = '2026-02-01T00:00:00.000Z';

/** R35. */
export const AMENDMENTS: readonly Case[] = [
  {
    row: 500,
    title: 'another event takes the place of one that is amended, and both stay listed',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { track: { featureId: 'messages', value: 5 } },
      {
        amend: { event: 0, value: 12.5 },
        expect: {
          answer: {
            deducted: { messages: 12.5 },
            unapplied: {},
            balance: 'messages',
            undone: { reversed: { messages: 30 } },
          },
          balances: { messages: { remaining: 82.5, usage: 17.5 } },
          events: { count: 3, sum: 17.5 },
        },
      },
    ],
  },
  {
    row: 501,
    title: 'what is not given stays as it was: value, feature, entity and time',
    clock: JANUARY,
    entities: ['seat'],
    grants: [oneOff('messages', 10, { entityId: 'seat', name: 'own' }), oneOff('messages', 100)],
    steps: [
      {
        track: {
          featureId: 'messages',
          value: 4,
          entityId: 'seat',
          timestamp: '2025-12-24T18:00:00.000Z',
        },
      },
      { clock: LATE_IN_JANUARY },
      {
        amend: { event: 0, properties: { model: 'b' } },
        expect: {
          answer: { deducted: { own: 4 }, undone: { reversed: { own: 4 } } },
          balances: { messages: { breakdown: { own: { usage: 4 }, messages: { usage: 0 } } } },
          events: { count: 2, sum: 4, latestAt: '2025-12-24T18:00:00.000Z' },
        },
      },
      {
        amend: { event: 1, timestamp: '2025-12-25T00:00:00.000Z' },
        expect: { events: { count: 3, sum: 4, latestAt: '2025-12-25T00:00:00.000Z' } },
      },
    ],
  },
  {
    row: 502,
    title: 'what is given back can be taken at once by the event in its place',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 90 } },
      {
        amend: { event: 0, value: 100, overageBehavior: 'REJECT' },
        expect: {
          answer: { deducted: { messages: 100 }, undone: { reversed: { messages: 90 } } },
          balances: { messages: { remaining: 0, usage: 100 } },
        },
      },
    ],
  },
  {
    row: 503,
    title: 'if the event in its place is refused, nothing is undone',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 90 } },
      {
        amend: { event: 0, value: 101, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } },
          balances: { messages: { remaining: 10, usage: 90 } },
          events: { count: 1, sum: 90 },
        },
      },
      {
        amend: { event: 0, value: 101 },
        expect: {
          answer: { deducted: { messages: 100 }, unapplied: { messages: 1 } },
          balances: { messages: { remaining: 0 } },
          events: { count: 2, sum: 101 },
        },
      },
    ],
  },
  {
    row: 504,
    title: 'an event that counts no longer is not amended, and the one in its place is',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { amend: { event: 0, value: 20 } },
      { amend: { event: 0, value: 10 }, expect: { answer: { refused: 'EVENT_VOIDED' } } },
      {
        amend: { event: 1, value: 10 },
        expect: {
          answer: { undone: { reversed: { messages: 20 } } },
          balances: { messages: { usage: 10 } },
          events: { count: 3, sum: 10 },
        },
      },
      { void: 2, expect: { voided: { reversed: { messages: 10 } } } },
      {
        amend: { event: 2, value: 1 },
        expect: {
          answer: { refused: 'EVENT_VOIDED' },
          balances: { messages: { usage: 0 } },
          events: { count: 3, sum: 0 },
        },
      },
    ],
  },
  {
    row: 505,
    title: 'undoing an event that was amended is answered with what that gave back',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { amend: { event: 0, value: 20 } },
      {
        void: 0,
        expect: {
          voided: { replayed: true, reversed: { messages: 30 } },
          balances: { messages: { usage: 20 } },
          events: { count: 2, sum: 20 },
        },
      },
    ],
  },
  {
    row: 506,
    title:
      'after a reset, nothing of the period before is given back, and the present one is charged',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY })],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: FEBRUARY },
      {
        amend: { event: 0, value: 20 },
        expect: {
          answer: {
            deducted: { messages: 20 },
            undone: { reversed: {}, notReversed: { 'messages PERIOD_OVER': 30 } },
          },
          balances: { messages: { remaining: 80, usage: 20 } },
          events: { count: 2, sum: 20 },
        },
      },
    ],
  },
  {
    row: 507,
    title: 'a key gets the first answer again, a refusal included, and a conflict for other input',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      {
        amend: { event: 0, value: 200, overageBehavior: 'REJECT', idempotencyKey: 'k' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE' } },
      },
      { grant: oneOff('messages', 500, { name: 'more' }) },
      {
        amend: { event: 0, value: 200, overageBehavior: 'REJECT', idempotencyKey: 'k' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', replayed: true } },
      },
      { amend: { event: 0, value: 40, idempotencyKey: 'l' } },
      {
        amend: { event: 0, value: 40, idempotencyKey: 'l' },
        expect: { answer: { replayed: true }, events: { count: 2, sum: 40 } },
      },
      {
        amend: { event: 0, value: 41, idempotencyKey: 'l' },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'value' } },
      },
      {
        amend: { event: 1, value: 40, idempotencyKey: 'l' },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'eventId' } },
      },
      {
        track: { featureId: 'messages', value: 40, idempotencyKey: 'l' },
        expect: {
          answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'operation' },
          balances: { messages: { usage: 40 } },
        },
      },
    ],
  },
];
