import { type Case, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const LATE_IN_JANUARY = '2026-01-20T00:00:00.000Z';
const FEBRUARY = '2026-02-01T00:00:00.000Z';

/** R35, of events that are not plain usage, or not of what is there any more. */
export const UNUSUAL_AMENDMENTS: readonly Case[] = [
  {
    row: 508,
    title: 'an event of an entity that was deleted, or in the future, takes no place',
    clock: JANUARY,
    entities: ['seat'],
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30, entityId: 'seat' } },
      {
        amend: { event: 0, timestamp: FEBRUARY },
        expect: { answer: { refused: 'INVALID_INPUT' }, events: { count: 1, sum: 30 } },
      },
      { deleteEntity: 'seat' },
      {
        amend: { event: 0, value: 10 },
        expect: {
          answer: { refused: 'ENTITY_NOT_FOUND' },
          balances: { messages: { usage: 30 } },
          events: { count: 1, sum: 30 },
        },
      },
      { void: 0, expect: { voided: { reversed: { messages: 30 } } } },
      { amend: { event: 0 }, expect: { answer: { refused: 'EVENT_VOIDED' } } },
    ],
  },
  {
    row: 509,
    title: 'an event that charged several features is amended in all of them',
    grants: [oneOff('action1', 10), oneOff('credits', 100), oneOff('action3', 60)],
    steps: [
      { track: { eventName: 'action-event', value: 25 } },
      {
        amend: { event: 0, value: 20, overageBehavior: 'REJECT' },
        expect: {
          answer: {
            deducted: { action1: 10, credits: 2, action3: 20 },
            balance: null,
            undone: { reversed: { action1: 10, credits: 3, action3: 25 } },
          },
          balances: { credits: { remaining: 98 }, action3: { remaining: 40 } },
        },
      },
    ],
  },
  {
    row: 510,
    title: 'an event that gave back is amended to one that takes, and the reverse',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 50 } },
      { track: { featureId: 'messages', value: -20 } },
      {
        amend: { event: 1, value: 20 },
        expect: {
          answer: { deducted: { messages: 20 }, undone: { reversed: { messages: -20 } } },
          balances: { messages: { usage: 70 } },
        },
      },
      {
        amend: { event: 2, value: -20 },
        expect: {
          answer: { deducted: { messages: -20 }, undone: { reversed: { messages: 20 } } },
          balances: { messages: { usage: 30 } },
          events: { count: 4, sum: 30 },
        },
      },
    ],
  },
  {
    row: 511,
    title: 'the event of a capture is amended, and the reservation stays captured',
    grants: [oneOff('messages', 100)],
    steps: [
      { reserve: { featureId: 'messages', value: 60, reservationId: 'r' } },
      { capture: { reservationId: 'r', value: 50 } },
      { reserve: { featureId: 'messages', value: 30, reservationId: 's' } },
      {
        amend: { event: 0, value: 71, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } } },
      },
      {
        amend: { event: 0, value: 70, overageBehavior: 'REJECT' },
        expect: {
          answer: { deducted: { messages: 70 }, undone: { reversed: { messages: 50 } } },
          balances: { messages: { usage: 70, reserved: 30, remaining: 0 } },
        },
      },
      {
        capture: { reservationId: 'r' },
        expect: { answer: { refused: 'RESERVATION_ENDED', ended: { how: 'CAPTURED', used: 50 } } },
      },
      { look: true, expect: { events: { count: 2, sum: 70 } } },
    ],
  },
  {
    row: 512,
    title: 'a balance that has ended gives nothing back, and another one pays',
    clock: JANUARY,
    grants: [
      oneOff('messages', 50, { name: 'first', expiresAt: LATE_IN_JANUARY }),
      oneOff('messages', 100, { name: 'second' }),
    ],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: LATE_IN_JANUARY },
      {
        amend: { event: 0, value: 30 },
        expect: {
          answer: {
            deducted: { second: 30 },
            undone: { reversed: {}, notReversed: { 'first BALANCE_ENDED': 30 } },
          },
          balances: { messages: { remaining: 70 } },
        },
      },
    ],
  },
];
