/** The ids that callers give to balances: R31. A grant's `balanceId` is its name here. */
import { type Case, monthly, oneOff } from './case.js';

const JANUARY = '2026-01-01T00:00:00Z';

const TAKEN = { answer: { refused: 'ALREADY_EXISTS' } } as const;

const own = { name: 'sub_1', balanceId: 'sub_1' } as const;

export const BALANCE_IDS: readonly Case[] = [
  {
    row: 360,
    title: 'the same grant again is the balance that there is, also after some of it has been used',
    grants: [oneOff('messages', 100, own)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      {
        grant: oneOff('messages', 100, own),
        expect: { balances: { messages: { granted: 100, usage: 30, order: ['sub_1'] } } },
      },
      {
        grant: oneOff('messages', 100, { name: 'other' }),
        expect: { balances: { messages: { granted: 200, order: ['sub_1', 'other'] } } },
      },
    ],
  },
  {
    row: 361,
    title: 'what is the default is the same as what is omitted',
    clock: JANUARY,
    grants: [monthly('users', 5, { ...own, startsAt: JANUARY })],
    steps: [
      {
        grant: monthly(
          'users',
          5,
          { ...own, startsAt: JANUARY, priority: 0, overageAllowed: true },
          { count: 1, anchor: JANUARY, timeZone: 'UTC', carryOverage: false },
        ),
        expect: { balances: { users: { granted: 5, order: ['sub_1'] } } },
      },
    ],
  },
  ...(
    [
      ['a larger grant', oneOff('messages', 101, own)],
      ['another feature', oneOff('words', 100, own)],
      ['another owner', oneOff('messages', 100, { ...own, entityId: 'seat' })],
      ['another priority', oneOff('messages', 100, { ...own, priority: 1 })],
      ['a reset', monthly('messages', 100, own)],
      ['an expiry', oneOff('messages', 100, { ...own, expiresAt: '2099-01-01T00:00:00Z' })],
      ['overage', oneOff('messages', 100, { ...own, overageAllowed: true })],
      ['no limit', { ...own, featureId: 'messages', unlimited: true }],
    ] as const
  ).map(
    ([title, grant]): Case => ({
      row: 362,
      title: `an id does not name two balances: ${title}`,
      entities: ['seat'],
      grants: [oneOff('messages', 100, own)],
      steps: [
        { grant, expect: { ...TAKEN, balances: { messages: { granted: 100 }, words: null } } },
      ],
    }),
  ),
  {
    row: 363,
    title: 'a correction names a balance by its id, and then the first grant is another one',
    grants: [oneOff('messages', 100, own), oneOff('messages', 10, { name: 'other' })],
    steps: [
      {
        update: { name: 'sub_1', byBalanceId: true, granted: 150, usage: 20 },
        expect: {
          balances: { messages: { breakdown: { sub_1: { granted: 150, usage: 20 } } } },
        },
      },
      { grant: oneOff('messages', 100, own), expect: TAKEN },
      {
        grant: oneOff('messages', 150, own),
        expect: { balances: { messages: { granted: 160, usage: 20 } } },
      },
    ],
  },
  {
    row: 364,
    title: 'the id of a balance that was deleted is not used again',
    grants: [oneOff('messages', 100, own)],
    steps: [
      { track: { featureId: 'messages', value: 30 } },
      {
        delete: { name: 'sub_1', byBalanceId: true },
        expect: { balances: { messages: null } },
      },
      { grant: oneOff('messages', 100, own), expect: { ...TAKEN, balances: { messages: null } } },
      { grant: oneOff('words', 1, own), expect: { ...TAKEN, balances: { words: null } } },
      {
        grant: oneOff('messages', 100, { name: 'sub_2', balanceId: 'sub_2' }),
        expect: { balances: { messages: { granted: 100, usage: 0, order: ['sub_2'] } } },
      },
    ],
  },
  {
    row: 365,
    title: 'nor is that of one that has expired, or whose entity was deleted',
    clock: JANUARY,
    entities: ['seat'],
    grants: [
      oneOff('messages', 100, { ...own, expiresAt: '2026-02-01T00:00:00Z' }),
      oneOff('words', 5, { name: 'seat_1', balanceId: 'seat_1', entityId: 'seat' }),
    ],
    steps: [
      { deleteEntity: 'seat' },
      { createEntity: 'seat' },
      {
        grant: oneOff('words', 5, { name: 'seat_1', balanceId: 'seat_1', entityId: 'seat' }),
        expect: { ...TAKEN, balances: { words: null } },
      },
      { clock: '2026-02-01T00:00:00Z' },
      { grant: oneOff('messages', 100, own), expect: { ...TAKEN, balances: { messages: null } } },
    ],
  },
  {
    row: 365,
    title: 'nor is that of one of which everything had been used when it ended',
    grants: [
      oneOff('messages', 100, own),
      { name: 'any', balanceId: 'any', featureId: 'words', unlimited: true },
    ],
    steps: [
      { track: { featureId: 'messages', value: 100 } },
      { delete: { name: 'sub_1', byBalanceId: true } },
      { delete: { name: 'any', byBalanceId: true } },
      { grant: oneOff('messages', 100, own), expect: { ...TAKEN, balances: { messages: null } } },
      {
        grant: { name: 'any', balanceId: 'any', featureId: 'words', unlimited: true },
        expect: { ...TAKEN, balances: { words: null } },
      },
    ],
  },
  {
    row: 366,
    title: 'the id stays with a balance through its resets, and an expired reservation of it',
    clock: JANUARY,
    grants: [monthly('messages', 100, own, { rollover: { max: 50 } })],
    steps: [
      { track: { featureId: 'messages', value: 80 } },
      { reserve: { reservationId: 'hold', featureId: 'messages', value: 5, expiresInSeconds: 60 } },
      { clock: '2026-02-01T00:00:01Z' },
      {
        grant: monthly('messages', 100, own, { rollover: { max: 50 } }),
        expect: { balances: { messages: { granted: 120, usage: 0, reserved: 0 } } },
      },
      {
        update: { name: 'sub_1', byBalanceId: true, usage: 30 },
        expect: { balances: { messages: { remaining: 90 } } },
      },
    ],
  },
  {
    row: 367,
    title: 'two customers may use the same id',
    grants: [oneOff('messages', 100, own)],
    steps: [
      {
        grant: oneOff('messages', 7, own),
        customer: 'other',
        expect: {
          balances: { messages: { granted: 100 } },
          customers: { other: { messages: { granted: 7 } } },
        },
      },
    ],
  },
];
