import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const THIRD = '2026-01-03T12:00:00.000Z';
const FOURTH = '2026-01-04T12:00:00.000Z';

const daily = (count: number) =>
  ({
    ...oneOff('messages', 100),
    reset: { interval: 'DAY', count, anchor: JANUARY },
  }) as const;

/** R34 for balances that have been corrected (R32, R33) after the usage. */
export const VOIDS_AND_CORRECTIONS: readonly Case[] = [
  {
    row: 102,
    title: 'a period that is shortened by a correction began where it had begun',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY })],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: THIRD },
      { update: { name: 'messages', reset: { interval: 'DAY' } } },
      {
        void: 0,
        expect: {
          voided: { reversed: { messages: 30 } },
          balances: { messages: { remaining: 100, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 103,
    title: 'a period that is extended by a correction began where it had begun',
    clock: JANUARY,
    grants: [daily(1)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: THIRD },
      { track: { featureId: 'messages', value: 50 } },
      { update: { name: 'messages', reset: { interval: 'MONTH' } } },
      {
        void: 0,
        expect: {
          voided: { reversed: {}, notReversed: { 'messages PERIOD_OVER': 30 } },
          balances: { messages: { usage: 50 } },
        },
      },
      { void: 1, expect: { voided: { reversed: { messages: 50 } } } },
    ],
  },
  {
    row: 104,
    title: 'what was used before a correction is over at the first boundary of the new rule',
    clock: JANUARY,
    grants: [monthly('messages', 100, {}, { anchor: JANUARY })],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: THIRD },
      { update: { name: 'messages', reset: { interval: 'DAY' } } },
      { track: { featureId: 'messages', value: 20 } },
      { clock: FOURTH },
      { track: { featureId: 'messages', value: 10 } },
      {
        void: 1,
        expect: { voided: { reversed: {}, notReversed: { 'messages PERIOD_OVER': 20 } } },
      },
      {
        void: 2,
        expect: { voided: { reversed: { messages: 10 } }, balances: { messages: { usage: 0 } } },
      },
    ],
  },
  {
    row: 105,
    title: 'a period goes on where resets are removed, and where they come back',
    clock: JANUARY,
    grants: [daily(2)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: THIRD },
      { track: { featureId: 'messages', value: 20 } },
      { update: { name: 'messages', reset: null } },
      { clock: '2026-01-20T00:00:00.000Z' },
      { track: { featureId: 'messages', value: 10 } },
      { update: { name: 'messages', reset: { interval: 'MONTH', anchor: JANUARY } } },
      {
        void: 0,
        expect: { voided: { reversed: {}, notReversed: { 'messages PERIOD_OVER': 30 } } },
      },
      { void: 1, expect: { voided: { reversed: { messages: 20 } } } },
      {
        void: 2,
        expect: { voided: { reversed: { messages: 10 } }, balances: { messages: { usage: 0 } } },
      },
    ],
  },
  {
    row: 106,
    title: 'a balance that is given resets later had no beginning before',
    clock: JANUARY,
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      { clock: THIRD },
      {
        update: {
          name: 'messages',
          reset: { interval: 'DAY', anchor: '2026-01-03T00:00:00.000Z' },
        },
      },
      { void: 0, expect: { voided: { reversed: { messages: 30 } } } },
    ],
  },
  {
    row: 107,
    title: 'what a correction has already set lower is not given back again',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 80 } },
      { update: { name: 'messages', usage: 30 } },
      {
        void: 0,
        expect: {
          voided: {
            reversed: { messages: 30 },
            notReversed: { 'messages ALREADY_GIVEN_BACK': 50 },
          },
          balances: { messages: { remaining: 100, usage: 0 } },
        },
      },
    ],
  },
  {
    row: 108,
    title: 'what was transferred from a deleted balance stays where it is counted now',
    grants: [oneOff('messages', 100), oneOff('messages', 100, { name: 'other' })],
    steps: [
      { track: { featureId: 'messages', value: 40 } },
      { delete: { name: 'messages', transferUsage: true } },
      {
        void: 0,
        expect: {
          voided: { reversed: {}, notReversed: { 'messages BALANCE_ENDED': 40 } },
          balances: { messages: { usage: 40, remaining: 60 } },
        },
      },
    ],
  },
  {
    row: 109,
    title: 'a grant that was lowered since is no limit to what is given back',
    grants: [oneOff('messages', 100)],
    steps: [
      { track: { featureId: 'messages', value: 80 } },
      { track: { featureId: 'messages', value: 10 } },
      { update: { name: 'messages', granted: 50 } },
      {
        void: 0,
        expect: {
          voided: { reversed: { messages: 80 } },
          balances: { messages: { remaining: 40, usage: 10, overage: 0 } },
        },
      },
    ],
  },
];
