import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-20T12:00:00.000Z';
const FEBRUARY = '2026-02-02T00:00:00.000Z';

/** R36. */
export const VOIDS_OF_MANY: readonly Case[] = [
  {
    row: 520,
    title: 'events that match are undone, and others are not, page by page',
    entities: ['seat'],
    grants: [oneOff('messages', 100), oneOff('words', 50)],
    steps: [
      { track: { featureId: 'messages', value: 10 } },
      { track: { featureId: 'words', value: 5 } },
      { track: { featureId: 'messages', value: 20, entityId: 'seat' } },
      { track: { featureId: 'messages', value: 0.5 } },
      {
        voidAll: { featureId: 'messages', first: 1 },
        expect: {
          voidedAll: { voided: 3, reversed: { messages: 30.5 } },
          balances: { messages: { usage: 0, remaining: 100 }, words: { usage: 5 } },
          events: { count: 4, sum: 5 },
        },
      },
    ],
  },
  {
    row: 521,
    title: 'a dry run says what would happen, and nothing happens',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 10 } },
      { track: { featureId: 'messages', value: 20 } },
      {
        voidAll: { dryRun: true },
        expect: {
          voidedAll: { voided: 2, reversed: { messages: 30 } },
          balances: { messages: { usage: 30 } },
          events: { count: 2, sum: 30 },
        },
      },
      {
        voidAll: { dryRun: true },
        expect: { voidedAll: { voided: 2, reversed: { messages: 30 } } },
      },
      {
        voidAll: {},
        expect: {
          voidedAll: { voided: 2, reversed: { messages: 30 } },
          balances: { messages: { usage: 0 } },
        },
      },
    ],
  },
  {
    row: 522,
    title: 'a repetition undoes nothing again, and says what was given back before',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 10 } },
      { track: { featureId: 'messages', value: 20 } },
      { void: 0 },
      {
        voidAll: {},
        expect: {
          voidedAll: {
            voided: 1,
            alreadyVoided: 1,
            reversed: { messages: 20 },
            reversedBefore: { messages: 10 },
          },
        },
      },
      {
        voidAll: {},
        expect: {
          voidedAll: { alreadyVoided: 2, reversedBefore: { messages: 30 } },
          balances: { messages: { usage: 0, remaining: 100 } },
        },
      },
    ],
  },
  {
    row: 523,
    title:
      'what one event is given back is no longer there for the next, in a dry run as in effect',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { track: { featureId: 'messages', value: 40 } },
      { update: { name: 'messages', usage: 50 } },
      {
        voidAll: { dryRun: true },
        expect: {
          voidedAll: {
            voided: 2,
            reversed: { messages: 50 },
            notReversed: { 'messages ALREADY_GIVEN_BACK': 20 },
          },
          balances: { messages: { usage: 50 } },
        },
      },
      {
        voidAll: {},
        expect: {
          voidedAll: {
            voided: 2,
            reversed: { messages: 50 },
            notReversed: { 'messages ALREADY_GIVEN_BACK': 20 },
          },
          balances: { messages: { usage: 0, remaining: 100 } },
        },
      },
    ],
  },
  {
    row: 524,
    title:
      'events of a period that is over count no longer and give nothing back, which a repetition says again',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY }), oneOff('words', 10)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { track: { featureId: 'words', value: 3 } },
      { clock: FEBRUARY },
      { track: { featureId: 'messages', value: 7 } },
      {
        voidAll: { first: 2 },
        expect: {
          voidedAll: {
            voided: 3,
            reversed: { messages: 7, words: 3 },
            notReversed: { 'messages PERIOD_OVER': 30 },
          },
          balances: { messages: { usage: 0 }, words: { usage: 0 } },
        },
      },
      {
        voidAll: {},
        expect: {
          voidedAll: {
            alreadyVoided: 3,
            reversedBefore: { messages: 7, words: 3 },
            notReversed: { 'messages PERIOD_OVER': 30 },
          },
        },
      },
    ],
  },
  {
    row: 525,
    title: 'an amended event stays as it is, and the one in its place is undone',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { amend: { event: 0, value: 4 } },
      {
        voidAll: {},
        expect: {
          voidedAll: {
            voided: 1,
            alreadyVoided: 1,
            reversed: { messages: 4 },
            reversedBefore: { messages: 30 },
          },
          balances: { messages: { usage: 0 } },
        },
      },
    ],
  },
  {
    row: 526,
    title: 'every balance that paid for an event name gets back its part, in its own units',
    grants: [oneOff('action1', 10), oneOff('credits', 100), oneOff('action3', 60)],
    steps: [
      { track: { eventName: 'action-event', value: 25 } },
      { track: { featureId: 'action2', value: 5 } },
      { track: { featureId: 'action3', value: -5 } },
      {
        voidAll: { eventName: 'action-event' },
        expect: {
          voidedAll: {
            voided: 1,
            reversed: { action1: 10, credits: 3, action3: 20 },
            notReversed: { 'action3 ALREADY_GIVEN_BACK': 5 },
          },
          balances: { action1: { usage: 0 }, credits: { usage: 3 }, action3: { usage: 0 } },
        },
      },
    ],
  },
  {
    row: 527,
    title: 'what was given back is taken again, and sums count it as negative',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 50 } },
      { track: { featureId: 'messages', value: -20 } },
      {
        voidAll: { first: 1 },
        expect: {
          voidedAll: { voided: 2, reversed: { messages: 30 } },
          balances: { messages: { usage: 0 } },
        },
      },
    ],
  },
  {
    row: 528,
    title: 'there is nothing to undo',
    clock: LATER,
    grants: [oneOff('messages', 100)],
    steps: [
      { voidAll: {}, expect: { voidedAll: {} } },
      { track: { featureId: 'messages', value: 5 } },
      {
        voidAll: { featureId: 'words' },
        expect: { voidedAll: {}, balances: { messages: { usage: 5 } } },
      },
    ],
  },
];
