import { type Case, oneOff } from './case.js';

const SEATS = ['seat1', 'seat2', 'seat3'] as const;

/** The same value for each of the three. */
function each<T>(value: T): Record<string, T> {
  return Object.fromEntries(SEATS.map((seat) => [seat, value]));
}

/** 100 messages for each of the three. */
const OWNED = SEATS.map((seat) => oneOff('messages', 100, { name: seat, entityId: seat }));

export const ENTITIES: readonly Case[] = [
  {
    row: 40,
    title: 'an entity without balances sees those of the customer',
    entities: SEATS,
    grants: [oneOff('messages', 300)],
    steps: [
      {
        look: true,
        expect: { entities: each({ messages: { remaining: 300 } }) },
      },
      {
        track: { featureId: 'messages', value: 50 },
        expect: {
          balances: { messages: { remaining: 250 } },
          entities: each({ messages: { remaining: 250 } }),
        },
      },
    ],
  },
  {
    row: 41,
    title: "the customer sees its entities' balances",
    entities: SEATS,
    grants: OWNED,
    steps: [
      { look: true, expect: { balances: { messages: { granted: 300, remaining: 300 } } } },
      ...SEATS.map((seat) => ({
        track: { featureId: 'messages', entityId: seat, value: 10 },
        expect: { entities: { [seat]: { messages: { remaining: 90 } } } },
      })),
      {
        look: true,
        expect: {
          balances: { messages: { remaining: 270, usage: 30 } },
          entities: each({ messages: { remaining: 90 } }),
        },
      },
    ],
  },
  {
    row: 42,
    title: "the customer's own usage does not affect its entities' balances",
    entities: SEATS,
    grants: [oneOff('messages', 50), ...OWNED],
    steps: [
      {
        look: true,
        expect: {
          balances: { messages: { remaining: 350 } },
          entities: each({ messages: { remaining: 150 } }),
        },
      },
      ...SEATS.map((seat) => ({ track: { featureId: 'messages', entityId: seat, value: 20 } })),
      {
        look: true,
        expect: {
          balances: { messages: { remaining: 290 } },
          entities: each({ messages: { remaining: 130 } }),
        },
      },
      {
        track: { featureId: 'messages', value: 60 },
        expect: {
          answer: { deducted: { messages: 50 }, unapplied: { messages: 10 } },
          balances: { messages: { remaining: 240 } },
          entities: each({ messages: { remaining: 80 } }),
        },
      },
    ],
  },
  {
    row: 43,
    title: "an entity's own balance is taken before the customer's",
    entities: ['seat1'],
    grants: [oneOff('messages', 100), oneOff('messages', 100, { name: 'own', entityId: 'seat1' })],
    steps: [
      {
        look: true,
        expect: {
          balances: { messages: { remaining: 200 } },
          entities: { seat1: { messages: { remaining: 200 } } },
        },
      },
      {
        track: { featureId: 'messages', entityId: 'seat1', value: 50 },
        expect: {
          answer: { deducted: { own: 50 } },
          entities: { seat1: { messages: { remaining: 150 } } },
        },
      },
      {
        track: { featureId: 'messages', entityId: 'seat1', value: 120 },
        expect: {
          answer: { deducted: { own: 50, messages: 70 } },
          balances: { messages: { remaining: 30 } },
          entities: { seat1: { messages: { remaining: 30 } } },
        },
      },
    ],
  },
];
