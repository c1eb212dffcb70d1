/** What reservations outlive: R28. */
import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00Z';
const DAY_S = 86_400;

const messages = { featureId: 'messages' } as const;

export const HOLD_OUTLIVES: readonly Case[] = [
  {
    row: 280,
    title: 'a reset leaves what is reserved, which is used in the period of the capture',
    clock: JANUARY,
    grants: [monthly('messages', 10, {}, { anchor: JANUARY })],
    steps: [
      { clock: '2026-01-25T00:00:00Z' },
      { track: { ...messages, value: 3 } },
      { reserve: { reservationId: 'r', ...messages, value: 6, expiresInSeconds: 20 * DAY_S } },
      {
        clock: '2026-02-01T00:00:00Z',
        expect: { balances: { messages: { usage: 0, remaining: 4, reserved: 6 } } },
      },
      {
        capture: { reservationId: 'r', value: 5 },
        expect: { balances: { messages: { usage: 5, remaining: 5, reserved: 0 } } },
      },
    ],
  },
  {
    row: 281,
    title:
      'what is reserved of a rolled-over amount outlives its end, and nothing of it comes back',
    clock: JANUARY,
    grants: [
      monthly(
        'messages',
        10,
        {},
        { anchor: JANUARY, rollover: { keep: { unit: 'DAY', count: 1 } } },
      ),
    ],
    steps: [
      { track: { ...messages, value: 4 } },
      {
        clock: '2026-02-25T00:00:00Z',
        expect: { balances: { messages: { breakdown: { messages: { rolledOver: [6] } } } } },
      },
      { reserve: { reservationId: 'r', ...messages, value: 5, expiresInSeconds: 20 * DAY_S } },
      // January's amount has ended, February's is rolled over.
      {
        clock: '2026-03-03T00:00:00Z',
        expect: {
          balances: {
            messages: {
              granted: 25,
              remaining: 20,
              reserved: 5,
              breakdown: { messages: { rolledOver: [0, 10] } },
            },
          },
        },
      },
      {
        capture: { reservationId: 'r', value: 2 },
        expect: {
          answer: { deducted: { messages: 2 } },
          balances: { messages: { granted: 22, usage: 2, remaining: 20, reserved: 0 } },
        },
      },
    ],
  },
  {
    row: 282,
    title: 'what is reserved of an amount that has ended can be captured, and the rest is lost',
    clock: '2026-01-15T00:00:00Z',
    grants: [oneOff('messages', 10, { expiresAt: '2026-01-20T00:00:00Z' })],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 8, expiresInSeconds: 10 * DAY_S } },
      {
        clock: '2026-01-21T00:00:00Z',
        expect: { balances: { messages: null } },
      },
      {
        capture: { reservationId: 'r', value: 5 },
        expect: {
          answer: {
            balance: null,
            deducted: { messages: 5 },
            unapplied: {},
            reservation: { used: 5 },
          },
          balances: { messages: null },
          events: { count: 1, sum: 5 },
        },
      },
    ],
  },
  {
    row: 283,
    title: 'a maximum of what is rolled over leaves what is reserved beyond it until it ends',
    clock: JANUARY,
    grants: [monthly('messages', 10, {}, { anchor: JANUARY, rollover: { max: 10 } })],
    steps: [
      {
        clock: '2026-02-20T00:00:00Z',
        expect: { balances: { messages: { breakdown: { messages: { rolledOver: [10] } } } } },
      },
      { reserve: { reservationId: 'r', ...messages, value: 10, expiresInSeconds: 20 * DAY_S } },
      {
        clock: '2026-03-01T00:00:00Z',
        expect: { balances: { messages: { granted: 20, remaining: 10, reserved: 10 } } },
      },
    ],
  },
  {
    row: 284,
    title: 'deleting an entity releases its reservations, also of what belongs to the customer',
    entities: ['seat'],
    grants: [
      oneOff('messages', 5, { name: 'own', entityId: 'seat' }),
      oneOff('messages', 10, { name: 'shared' }),
    ],
    steps: [
      { reserve: { reservationId: 'seat', ...messages, value: 8, entityId: 'seat' } },
      { reserve: { reservationId: 'customer', ...messages, value: 4 } },
      {
        deleteEntity: 'seat',
        expect: { balances: { messages: { granted: 10, remaining: 6, reserved: 4 } } },
      },
      {
        capture: { reservationId: 'seat' },
        expect: { answer: { refused: 'RESERVATION_ENDED', ended: { how: 'RELEASED' } } },
      },
      {
        capture: { reservationId: 'customer' },
        expect: { balances: { messages: { usage: 4, reserved: 0 } } },
      },
    ],
  },
  {
    row: 285,
    title: 'corrections leave what is reserved; giving back never lifts above the grant',
    grants: [oneOff('messages', 10)],
    steps: [
      { track: { ...messages, value: 2 } },
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        update: { name: 'messages', granted: 5 },
        expect: { balances: { messages: { granted: 5, usage: 2, remaining: 0, reserved: 6 } } },
      },
      {
        track: { ...messages, value: -3 },
        expect: {
          answer: { unapplied: { messages: -1 } },
          balances: { messages: { usage: 0, remaining: 0, reserved: 6 } },
        },
      },
      {
        release: { reservationId: 'r' },
        expect: { balances: { messages: { usage: 0, remaining: 5, reserved: 0 } } },
      },
    ],
  },
];
