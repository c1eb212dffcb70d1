import { type Case, oneOff } from './case.js';

export const IDEMPOTENCY: readonly Case[] = [
  {
    row: 70,
    title: 'a retry gets the first answer, and different input is a conflict',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 25.5, idempotencyKey: 'k1' },
        expect: { balances: { messages: { remaining: 74.5 } }, events: { count: 1 } },
      },
      {
        track: { featureId: 'messages', value: 25.5, idempotencyKey: 'k1' },
        expect: {
          answer: { replayed: true },
          balances: { messages: { remaining: 74.5 } },
          events: { count: 1 },
        },
      },
      {
        track: { featureId: 'messages', value: 30.75, idempotencyKey: 'k1' },
        expect: {
          answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'value' },
          balances: { messages: { remaining: 74.5 } },
          events: { count: 1 },
        },
      },
      {
        track: { featureId: 'messages', value: 15.25, idempotencyKey: 'k2' },
        expect: { balances: { messages: { remaining: 59.25 } }, events: { count: 2 } },
      },
    ],
  },
  {
    row: 71,
    title: 'a key belongs to one customer',
    grants: [oneOff('messages', 100)],
    steps: [
      { grant: oneOff('messages', 100), customer: 'other' },
      { track: { featureId: 'messages', value: 10, idempotencyKey: 'k1' } },
      {
        track: { featureId: 'messages', value: 10, idempotencyKey: 'k1' },
        customer: 'other',
        expect: {
          balances: { messages: { remaining: 90 } },
          customers: { other: { messages: { remaining: 90 } } },
        },
      },
    ],
  },
  {
    row: 72,
    title: 'a call that was refused with "not found" does not use up its key',
    grants: [oneOff('messages', 100)],
    steps: [
      {
        track: { featureId: 'messages', value: 10, entityId: 'seat1', idempotencyKey: 'k1' },
        expect: {
          answer: { refused: 'ENTITY_NOT_FOUND' },
          balances: { messages: { remaining: 100 } },
          events: { count: 0 },
        },
      },
      { createEntity: 'seat1' },
      {
        track: { featureId: 'messages', value: 10, entityId: 'seat1', idempotencyKey: 'k1' },
        expect: {
          answer: { replayed: false },
          balances: { messages: { remaining: 90 } },
          events: { count: 1 },
        },
      },
    ],
  },
  {
    row: 73,
    title: '"not found" takes precedence over a conflict, and a conflict over INSUFFICIENT_BALANCE',
    grants: [oneOff('messages', 10)],
    steps: [
      { track: { featureId: 'messages', value: 1, idempotencyKey: 'k1' } },
      {
        track: { featureId: 'no-such', value: 1, idempotencyKey: 'k1' },
        expect: { answer: { refused: 'FEATURE_NOT_FOUND' } },
      },
      {
        track: { featureId: 'messages', value: 1, entityId: 'nobody', idempotencyKey: 'k1' },
        expect: { answer: { refused: 'ENTITY_NOT_FOUND' } },
      },
      {
        track: {
          featureId: 'messages',
          value: 1_000,
          overageBehavior: 'REJECT',
          idempotencyKey: 'k1',
        },
        expect: {
          answer: { refused: 'IDEMPOTENCY_CONFLICT' },
          balances: { messages: { remaining: 9 } },
          events: { count: 1 },
        },
      },
    ],
  },
  {
    row: 74,
    title: 'a retry of an event name charges none of its features again',
    grants: [oneOff('action1', 200), oneOff('action3', 150)],
    steps: [
      { track: { eventName: 'action-event', value: 45.67, idempotencyKey: 'k1' } },
      {
        track: { eventName: 'action-event', value: 45.67, idempotencyKey: 'k1' },
        expect: {
          answer: { replayed: true },
          balances: { action1: { remaining: 154.33 }, action3: { remaining: 104.33 } },
          events: { count: 1 },
        },
      },
    ],
  },
  {
    row: 75,
    title: 'INSUFFICIENT_BALANCE is replayed under its key',
    grants: [oneOff('messages', 5)],
    steps: [
      {
        track: {
          featureId: 'messages',
          value: 7,
          overageBehavior: 'REJECT',
          idempotencyKey: 'k1',
        },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 2 } } },
      },
      { grant: oneOff('messages', 10, { name: 'more' }) },
      {
        track: {
          featureId: 'messages',
          value: 7,
          overageBehavior: 'REJECT',
          idempotencyKey: 'k1',
        },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { messages: 2 }, replayed: true },
          balances: { messages: { remaining: 15 } },
          events: { count: 0 },
        },
      },
      {
        track: {
          featureId: 'messages',
          value: 7,
          overageBehavior: 'REJECT',
          idempotencyKey: 'k2',
        },
        expect: { balances: { messages: { remaining: 8 } }, events: { count: 1 } },
      },
    ],
  },
];
