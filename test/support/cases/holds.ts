/** Reservations, and what they take: R23, R24, R29. */
import { type Case, oneOff } from './case.js';

const messages = { featureId: 'messages' } as const;

export const HOLDS: readonly Case[] = [
  {
    row: 230,
    title: 'the same reservation id and input gets the first answer, another input is a conflict',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        reserve: { reservationId: 'r', ...messages, value: 30 },
        expect: {
          answer: {
            deducted: { messages: 30 },
            unapplied: {},
            reservation: { status: 'LIVE', value: 30, held: 30, used: 0, endedAt: null },
          },
        },
      },
      { track: { ...messages, value: 50 } },
      {
        reserve: { reservationId: 'r', ...messages, value: 30 },
        expect: { answer: { replayed: true }, balances: { messages: { reserved: 30 } } },
      },
      {
        reserve: { reservationId: 'r', ...messages, value: 31 },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'value' } },
      },
      {
        reserve: { reservationId: 'r', featureId: 'words', value: 30 },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'featureId' } },
      },
      {
        reserve: { reservationId: 'r', ...messages, value: 30, overageBehavior: 'CAP' },
        expect: { answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'overageBehavior' } },
      },
    ],
  },
  {
    row: 231,
    title: 'a reservation id is used up forever, however the reservation ended',
    clock: '2026-01-01T00:00:00Z',
    grants: [oneOff('messages', 100)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, value: 30, expiresInSeconds: 60 } },
      { clock: '2026-01-20T00:00:00Z' },
      {
        reserve: { reservationId: 'r', ...messages, value: 30, expiresInSeconds: 60 },
        expect: {
          answer: { replayed: true, reservation: { status: 'LIVE', held: 30 } },
          balances: { messages: { remaining: 100, reserved: 0 } },
        },
      },
    ],
  },
  {
    row: 232,
    title: 'a repetition gets the first answer even after the expiry that it gives has passed',
    clock: '2026-01-01T00:00:00Z',
    grants: [oneOff('messages', 100)],
    steps: [
      { reserve: { reservationId: 'r', ...messages, expiresAt: '2026-01-01T01:00:00Z' } },
      {
        extend: { reservationId: 'r', expiresAt: '2026-01-01T02:00:00Z', idempotencyKey: 'later' },
        expect: { answer: { reservation: { expiresAt: '2026-01-01T02:00:00.000Z' } } },
      },
      { clock: '2026-01-02T00:00:00Z' },
      {
        reserve: { reservationId: 'r', ...messages, expiresAt: '2026-01-01T01:00:00Z' },
        expect: { answer: { replayed: true } },
      },
      {
        extend: { reservationId: 'r', expiresAt: '2026-01-01T02:00:00Z', idempotencyKey: 'later' },
        expect: { answer: { replayed: true } },
      },
      {
        reserve: { reservationId: 's', ...messages, expiresAt: '2026-01-01T01:00:00Z' },
        expect: { answer: { refused: 'INVALID_INPUT' } },
      },
    ],
  },
  {
    row: 233,
    title:
      'it lasts for 15 minutes unless it says otherwise, for 1 second at least, 30 days at most',
    clock: '2026-01-01T00:00:00Z',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        reserve: { reservationId: 'usual', ...messages },
        expect: { answer: { reservation: { value: 1, held: 1 } } },
      },
      {
        reserve: { reservationId: 'short', ...messages, expiresAt: '2026-01-01T00:00:00.500Z' },
        expect: { answer: { refused: 'INVALID_INPUT' } },
      },
      {
        reserve: { reservationId: 'long', ...messages, expiresAt: '2026-01-31T00:00:30Z' },
        expect: { answer: { refused: 'INVALID_INPUT' } },
      },
      {
        reserve: { reservationId: 'longest', ...messages, expiresAt: '2026-01-31T00:00:00Z' },
        expect: { answer: { reservation: { expiresAt: '2026-01-31T00:00:00.000Z' } } },
      },
      { clock: '2026-01-01T00:14:59Z', expect: { balances: { messages: { reserved: 2 } } } },
      { clock: '2026-01-01T00:16:00Z', expect: { balances: { messages: { reserved: 1 } } } },
      { clock: '2026-01-31T00:00:00Z', expect: { balances: { messages: { reserved: 0 } } } },
    ],
  },
  {
    row: 234,
    title: 'what is unknown is refused, and a refusal for want is what a repetition gets',
    grants: [oneOff('messages', 10)],
    steps: [
      {
        reserve: { reservationId: 'unknown', featureId: 'unknown' },
        expect: { answer: { refused: 'FEATURE_NOT_FOUND' } },
      },
      {
        reserve: { reservationId: 'nowhere', ...messages, entityId: 'nowhere' },
        expect: { answer: { refused: 'ENTITY_NOT_FOUND' } },
      },
      {
        capture: { reservationId: 'none' },
        expect: { answer: { refused: 'RESERVATION_NOT_FOUND' } },
      },
      {
        reserve: { reservationId: 'r', ...messages, value: 11 },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } } },
      },
      { grant: oneOff('messages', 10, { name: 'more' }) },
      {
        reserve: { reservationId: 'r', ...messages, value: 11 },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', replayed: true } },
      },
    ],
  },
  {
    row: 240,
    title: 'what is reserved is left for nothing else, and is not yet used',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        reserve: { reservationId: 'r', ...messages, value: 75 },
        expect: {
          answer: { balance: 'messages', features: ['messages'] },
          balances: { messages: { granted: 100, remaining: 25, usage: 0, reserved: 75 } },
          events: { count: 0 },
        },
      },
      {
        track: { ...messages, value: 26, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } } },
      },
      {
        reserve: { reservationId: 's', ...messages, value: 26 },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 1 } } },
      },
      { track: { ...messages, value: 26 }, expect: { answer: { unapplied: { messages: 1 } } } },
    ],
  },
  {
    row: 241,
    title: 'it is taken in drain order, from credit systems too',
    entities: ['seat'],
    grants: [
      oneOff('action1', 10, { name: 'shared' }),
      oneOff('action1', 5, { name: 'own', entityId: 'seat' }),
      oneOff('credits', 100),
    ],
    steps: [
      {
        reserve: { reservationId: 'r', featureId: 'action1', value: 40, entityId: 'seat' },
        expect: {
          answer: {
            deducted: { own: 5, shared: 10, credits: 5 },
            features: ['action1', 'credits'],
          },
          balances: {
            action1: { reserved: 15, remaining: 0 },
            credits: { reserved: 5, remaining: 95 },
          },
        },
      },
    ],
  },
  {
    row: 242,
    title: 'with overage, limits count what is reserved; usage and overage as shown do not',
    grants: [oneOff('messages', 10, { overageAllowed: true, overageLimit: 5 })],
    steps: [
      {
        reserve: { reservationId: 'r', ...messages, value: 13 },
        expect: {
          balances: { messages: { remaining: 0, usage: 0, overage: 0, reserved: 13 } },
        },
      },
      {
        reserve: { reservationId: 's', ...messages, value: 4, overageBehavior: 'CAP' },
        expect: { answer: { reservation: { value: 4, held: 2 }, unapplied: { messages: 2 } } },
      },
      {
        track: { ...messages, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE' } },
      },
      {
        capture: { reservationId: 'r' },
        expect: { balances: { messages: { usage: 13, overage: 3, reserved: 2 } } },
      },
    ],
  },
  {
    row: 243,
    title: 'OVERFLOW reserves beyond every limit; an unlimited balance covers any amount',
    grants: [oneOff('messages', 10), { name: 'words', featureId: 'words', unlimited: true }],
    steps: [
      {
        reserve: { reservationId: 'r', ...messages, value: 30, overageBehavior: 'OVERFLOW' },
        expect: { balances: { messages: { remaining: 0, overage: 0, reserved: 30 } } },
      },
      {
        capture: { reservationId: 'r', value: 25 },
        expect: { balances: { messages: { usage: 25, overage: 15, reserved: 0 } } },
      },
      {
        reserve: { reservationId: 's', featureId: 'words', value: 1_000 },
        expect: { balances: { words: { unlimited: true, usage: 0, reserved: 1_000 } } },
      },
      {
        capture: { reservationId: 's' },
        expect: { balances: { words: { usage: 1_000, reserved: 0 } } },
      },
    ],
  },
  {
    row: 244,
    title: 'a BOOLEAN feature has nothing to reserve, but its use can be announced and counted',
    grants: [{ name: 'dashboard', featureId: 'dashboard' }],
    steps: [
      {
        reserve: { reservationId: 'r', featureId: 'dashboard' },
        expect: { answer: { deducted: {}, features: [], reservation: { held: 1 } } },
      },
      {
        capture: { reservationId: 'r' },
        expect: { answer: { reservation: { used: 1 } }, events: { count: 1, sum: 1 } },
      },
    ],
  },
  {
    row: 290,
    title: 'a customer has at most a thousand reservations that have not ended',
    grants: [oneOff('messages', 2_000)],
    steps: [
      {
        holdAtOnce: Array.from({ length: 1_000 }, (_, number) => ({
          reserve: { reservationId: `r${number}`, ...messages },
        })),
        expect: { answers: { accepted: 1_000, refused: 0 } },
      },
      {
        reserve: { reservationId: 'many', ...messages },
        expect: { answer: { refused: 'TOO_MANY_RESERVATIONS' } },
      },
      { release: { reservationId: 'r0' } },
      {
        reserve: { reservationId: 'many', ...messages },
        expect: { answer: { refused: 'TOO_MANY_RESERVATIONS', replayed: true } },
      },
      {
        reserve: { reservationId: 'another', ...messages },
        expect: { balances: { messages: { remaining: 1_000, reserved: 1_000 } } },
      },
    ],
  },
];
