/** Archived features: what is new is refused, and what exists goes on (ADR 48). Other cases follow, so each brings them back. */
import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00Z';

const ARCHIVED = { answer: { refused: 'FEATURE_ARCHIVED' } } as const;

const own = { name: 'sub_1', balanceId: 'sub_1' } as const;

export const ARCHIVED_FEATURES: readonly Case[] = [
  {
    row: 540,
    title: 'there is no new balance of an archived feature, and there is again once it is back',
    grants: [],
    steps: [
      { archive: 'messages' },
      {
        grant: oneOff('messages', 10),
        expect: { ...ARCHIVED, balances: { messages: null } },
      },
      { archive: 'messages', archived: false },
      {
        grant: oneOff('messages', 10),
        expect: { balances: { messages: { remaining: 10 } } },
      },
    ],
  },
  {
    row: 541,
    title: 'a balance that exists is used, given back to, and reserved from',
    grants: [oneOff('messages', 10)],
    steps: [
      { archive: 'messages' },
      {
        track: { featureId: 'messages', value: 4 },
        expect: { balances: { messages: { remaining: 6 } } },
      },
      {
        reserve: { featureId: 'messages', value: 5, reservationId: 'r' },
        expect: { balances: { messages: { remaining: 1 } } },
      },
      {
        capture: { reservationId: 'r', value: 2 },
        expect: { balances: { messages: { remaining: 4, usage: 6 } } },
      },
      {
        track: { featureId: 'messages', value: -3 },
        expect: { balances: { messages: { remaining: 7 } } },
      },
      {
        void: 0,
        expect: {
          voided: { reversed: { messages: 3 }, notReversed: { 'messages ALREADY_GIVEN_BACK': 1 } },
        },
      },
      { archive: 'messages', archived: false },
    ],
  },
  {
    row: 542,
    title: 'a balance that exists resets, and can be corrected',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY })],
    steps: [
      { track: { featureId: 'messages', value: 100 } },
      { archive: 'messages' },
      { clock: '2026-02-02T00:00:00Z' },
      { look: true, expect: { balances: { messages: { remaining: 100 } } } },
      {
        update: { name: 'messages', granted: 150 },
        expect: { balances: { messages: { remaining: 150 } } },
      },
      { archive: 'messages', archived: false },
    ],
  },
  {
    row: 543,
    title: 'the same grant again, under an id of the caller, is the balance that there is',
    grants: [oneOff('messages', 100, own)],
    steps: [
      { archive: 'messages' },
      {
        grant: oneOff('messages', 100, own),
        expect: { balances: { messages: { granted: 100 } } },
      },
      {
        grant: oneOff('messages', 101, own),
        expect: { answer: { refused: 'ALREADY_EXISTS' }, balances: { messages: { granted: 100 } } },
      },
      { archive: 'messages', archived: false },
    ],
  },
  {
    row: 544,
    title: 'an event name charges an archived feature that lists it',
    grants: [oneOff('action1', 10), oneOff('action3', 10)],
    steps: [
      { archive: 'action1' },
      {
        track: { eventName: 'action-event', value: 3 },
        expect: { balances: { action1: { remaining: 7 }, action3: { remaining: 7 } } },
      },
      { archive: 'action1', archived: false },
    ],
  },
  {
    row: 545,
    title: 'a credit system pays for an archived feature, and an archived one for its features',
    grants: [oneOff('credits', 10)],
    steps: [
      { archive: 'action1' },
      {
        track: { featureId: 'action1', value: 5 },
        expect: { balances: { credits: { remaining: 9 } } },
      },
      { archive: 'credits' },
      {
        track: { featureId: 'action2', value: 5 },
        expect: { balances: { credits: { remaining: 6 } } },
      },
      { grant: oneOff('credits', 1, { name: 'more' }), expect: ARCHIVED },
      { grant: oneOff('action2', 1), expect: { balances: { action2: { remaining: 1 } } } },
      { archive: 'credits', archived: false },
      { archive: 'action1', archived: false },
    ],
  },
  {
    row: 546,
    title: 'usage of an archived feature without a balance is recorded, as of any other',
    grants: [],
    steps: [
      { archive: 'messages' },
      { track: { featureId: 'messages', value: 5 }, expect: { events: { count: 1, sum: 5 } } },
      {
        track: { featureId: 'messages', value: 5, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE' }, events: { count: 1 } },
      },
      { archive: 'messages', archived: false },
    ],
  },
];
