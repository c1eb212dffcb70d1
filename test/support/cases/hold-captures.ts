/** How reservations are captured: R25. */
import { type Case, oneOff } from './case.js';

const messages = { featureId: 'messages' } as const;

export const HOLD_CAPTURES: readonly Case[] = [
  {
    row: 250,
    title: 'what was taken first is used first, so that what was taken last goes back first',
    grants: [
      oneOff('messages', 10, { name: 'a', priority: -1 }),
      oneOff('messages', 10, { name: 'b' }),
      oneOff('messages', 10, { name: 'c', priority: 1 }),
    ],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 25 } },
      {
        capture: { reservationId: 'r', value: 12, final: false },
        expect: {
          answer: {
            deducted: { a: 10, b: 2 },
            reservation: { status: 'LIVE', held: 13, used: 12 },
          },
          balances: {
            messages: {
              breakdown: { a: { usage: 10 }, b: { usage: 2, reserved: 8 }, c: { reserved: 5 } },
            },
          },
          events: { count: 1, sum: 12 },
        },
      },
      {
        capture: { reservationId: 'r', value: 9 },
        expect: {
          answer: {
            deducted: { b: 8, c: 1 },
            reservation: { status: 'CAPTURED', held: 0, used: 21 },
          },
          balances: { messages: { usage: 21, remaining: 9, reserved: 0 } },
          events: { count: 2, sum: 21 },
        },
      },
      {
        capture: { reservationId: 'r' },
        expect: {
          answer: { refused: 'RESERVATION_ENDED', ended: { how: 'CAPTURED', used: 21 } },
        },
      },
    ],
  },
  {
    row: 251,
    title: 'beyond what is held, the rest is tracked as far as there is something',
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        capture: { reservationId: 'r', value: 13 },
        expect: {
          answer: {
            deducted: { messages: 10 },
            unapplied: { messages: 3 },
            reservation: { status: 'CAPTURED', used: 13 },
          },
          balances: { messages: { usage: 10, reserved: 0 } },
          events: { count: 1, sum: 13 },
        },
      },
    ],
  },
  {
    row: 252,
    title: 'under REJECT, a rest that does not fit refuses all of it; under OVERFLOW it fits',
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        capture: {
          reservationId: 'r',
          value: 13,
          overageBehavior: 'REJECT',
          idempotencyKey: 'much',
        },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 3 } },
          balances: { messages: { usage: 0, reserved: 6 } },
          events: { count: 0 },
        },
      },
      {
        capture: { reservationId: 'r', value: 13, overageBehavior: 'OVERFLOW' },
        expect: { balances: { messages: { usage: 13, overage: 3, reserved: 0 } } },
      },
      {
        capture: {
          reservationId: 'r',
          value: 13,
          overageBehavior: 'REJECT',
          idempotencyKey: 'much',
        },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', replayed: true } },
      },
    ],
  },
  {
    row: 253,
    title: 'all that is held is captured by default, even if little is held of one of its features',
    grants: [oneOff('action1', 10), oneOff('action3', 4)],
    steps: [
      {
        reserve: {
          reservationId: 'r',
          eventName: 'action-event',
          value: 9,
          overageBehavior: 'CAP',
        },
        expect: {
          answer: {
            deducted: { action1: 9, action3: 4 },
            unapplied: { action3: 5 },
            reservation: { held: 9 },
          },
        },
      },
      { grant: oneOff('action3', 50, { name: 'more' }) },
      {
        capture: { reservationId: 'r', overageBehavior: 'REJECT' },
        expect: {
          answer: { deducted: { action1: 9, action3: 4 }, unapplied: {} },
          balances: { action1: { usage: 9 }, action3: { usage: 4 } },
          events: { count: 1, sum: 9 },
        },
      },
    ],
  },
  {
    row: 254,
    title: 'capturing 0 in the end is releasing; capturing 0 before is nothing',
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        capture: { reservationId: 'r', value: 0, final: false },
        expect: { answer: { reservation: { status: 'LIVE', held: 6 } }, events: { count: 0 } },
      },
      {
        capture: { reservationId: 'r', value: 0 },
        expect: {
          answer: { reservation: { status: 'RELEASED', held: 0, used: 0 } },
          balances: { messages: { remaining: 10, reserved: 0 } },
          events: { count: 0 },
        },
      },
    ],
  },
  {
    row: 255,
    title:
      'all of it captured, but not in the end, the reservation stays, and what follows is tracked',
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        capture: { reservationId: 'r', final: false },
        expect: { answer: { reservation: { status: 'LIVE', held: 0, used: 6 } } },
      },
      {
        capture: { reservationId: 'r', value: 3, final: false },
        expect: {
          answer: { reservation: { status: 'LIVE', used: 9 } },
          balances: { messages: { usage: 9 } },
        },
      },
      {
        release: { reservationId: 'r' },
        expect: {
          answer: { reservation: { status: 'RELEASED', used: 9 } },
          balances: { messages: { usage: 9, remaining: 1 } },
          events: { count: 2, sum: 9 },
        },
      },
    ],
  },
];
