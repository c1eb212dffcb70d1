/** How reservations are extended, released and expire: R26, R27. */
import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00Z';
const DAY_S = 86_400;

const messages = { featureId: 'messages' } as const;

export const HOLD_ENDS: readonly Case[] = [
  {
    row: 260,
    title: 'an extension moves the expiry, later or earlier, to at most 30 days from now',
    clock: JANUARY,
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6, expiresInSeconds: DAY_S } },
      { clock: '2026-01-01T12:00:00Z' },
      {
        extend: { reservationId: 'r', expiresAt: '2026-01-31T00:00:00Z' },
        expect: { answer: { reservation: { expiresAt: '2026-01-31T00:00:00.000Z', held: 6 } } },
      },
      {
        extend: { reservationId: 'r', expiresAt: '2026-02-01T00:00:00Z' },
        expect: { answer: { refused: 'INVALID_INPUT' } },
      },
      { clock: '2026-01-10T00:00:00Z', expect: { balances: { messages: { reserved: 6 } } } },
      { extend: { reservationId: 'r', expiresInSeconds: 60 } },
      {
        clock: '2026-01-10T00:02:00Z',
        expect: { balances: { messages: { reserved: 0, remaining: 10 } } },
      },
    ],
  },
  {
    row: 261,
    title: 'an ended one says how, when and how much was used, unless a key makes it a repetition',
    clock: JANUARY,
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6, expiresInSeconds: DAY_S } },
      { capture: { reservationId: 'r', value: 2, final: false, idempotencyKey: 'part' } },
      { clock: '2026-01-03T00:00:00Z' },
      ...[
        { capture: { reservationId: 'r' } },
        { release: { reservationId: 'r' } },
        { extend: { reservationId: 'r' } },
      ].map((call) => ({
        ...call,
        expect: {
          answer: {
            refused: 'RESERVATION_ENDED' as const,
            ended: { how: 'EXPIRED' as const, used: 2 },
          },
        },
      })),
      {
        capture: { reservationId: 'r', value: 2, final: false, idempotencyKey: 'part' },
        expect: { answer: { replayed: true } },
      },
      {
        capture: { reservationId: 'r', value: 3, final: false, idempotencyKey: 'part' },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'value' } },
      },
      { look: true, expect: { balances: { messages: { usage: 2, remaining: 8 } } } },
    ],
  },
  {
    row: 262,
    title: 'a release gives back what is still held, once',
    grants: [oneOff('messages', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6 } },
      {
        release: { reservationId: 'r', idempotencyKey: 'back' },
        expect: {
          answer: { reservation: { status: 'RELEASED', held: 0, used: 0 } },
          balances: { messages: { remaining: 10, reserved: 0 } },
        },
      },
      {
        release: { reservationId: 'r', idempotencyKey: 'back' },
        expect: { answer: { replayed: true } },
      },
      {
        release: { reservationId: 'r', idempotencyKey: 'again' },
        expect: { answer: { refused: 'RESERVATION_ENDED', ended: { how: 'RELEASED', used: 0 } } },
      },
      { look: true, expect: { balances: { messages: { remaining: 10 } }, events: { count: 0 } } },
    ],
  },
  {
    row: 270,
    title: 'it expires at its instant, whether something runs or not',
    clock: JANUARY,
    grants: [oneOff('messages', 10)],
    steps: [
      {
        reserve: { reservationId: 'r', ...messages, value: 10, expiresAt: '2026-01-02T00:00:00Z' },
      },
      { clock: '2026-01-01T23:59:55Z', expect: { balances: { messages: { remaining: 0 } } } },
      {
        clock: '2026-01-02T00:00:00Z',
        expect: { balances: { messages: { remaining: 10, reserved: 0 } } },
      },
      { track: { ...messages, value: 10, overageBehavior: 'REJECT' } },
      {
        capture: { reservationId: 'r' },
        expect: {
          answer: {
            refused: 'RESERVATION_ENDED',
            ended: { how: 'EXPIRED', used: 0, at: '2026-01-02T00:00:00.000Z' },
          },
        },
      },
    ],
  },
  {
    row: 271,
    title: 'what expires at the instant of a reset is given back before it, and is rolled over',
    clock: JANUARY,
    grants: [monthly('messages', 10, {}, { anchor: JANUARY, rollover: {} })],
    steps: [
      { clock: '2026-01-20T00:00:00Z' },
      {
        reserve: { reservationId: 'r', ...messages, value: 10, expiresAt: '2026-02-01T00:00:00Z' },
      },
      {
        clock: '2026-02-01T00:00:00Z',
        expect: {
          balances: {
            messages: {
              granted: 20,
              remaining: 20,
              reserved: 0,
              breakdown: { messages: { rolledOver: [10] } },
            },
          },
        },
      },
    ],
  },
  {
    row: 272,
    title: 'it expires even if the clock has stepped back to before its balance began',
    clock: '2026-01-01T10:30:00Z',
    grants: [oneOff('messages', 10, { startsAt: '2026-01-01T10:00:00Z' }), oneOff('words', 10)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 6, expiresInSeconds: 3_600 } },
      { clock: '2026-01-01T09:00:00Z' },
      { extend: { reservationId: 'r', expiresInSeconds: 60 } },
      { clock: '2026-01-01T09:05:00Z' },
      { track: { featureId: 'words' } },
      {
        clock: '2026-01-01T11:00:00Z',
        expect: { balances: { messages: { remaining: 10, reserved: 0 } } },
      },
    ],
  },
];
