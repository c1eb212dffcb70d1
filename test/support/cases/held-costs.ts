import { type Case, oneOff } from './case.js';

const MINI = { model: 'mini' };
const LARGE = { model: 'large' };

/** Costs that depend on properties, of what is set aside. */
export const HELD_COSTS: readonly Case[] = [
  {
    row: 721,
    title: 'an amount is set aside at the cost of its properties, and captured at it',
    grants: [oneOff('ai', 100)],
    steps: [
      {
        reserve: { reservationId: 'r', featureId: 'llm', value: 4_000, properties: LARGE },
        expect: {
          answer: { deducted: { ai: 10 } },
          balances: { ai: { reserved: 10, remaining: 90 } },
        },
      },
      {
        capture: { reservationId: 'r', value: 1_000, final: false },
        expect: {
          answer: { deducted: { ai: 2.5 } },
          balances: { ai: { reserved: 7.5, usage: 2.5 } },
        },
      },
      // More than is held: at the same cost.
      {
        capture: { reservationId: 'r', value: 5_000 },
        expect: {
          answer: { deducted: { ai: 12.5 } },
          balances: { ai: { reserved: 0, usage: 15 } },
          events: { count: 2, sum: 6_000 },
        },
      },
    ],
  },
  {
    row: 722,
    title: 'properties of the capture that make no difference leave the cost',
    grants: [oneOff('ai', 100)],
    steps: [
      { reserve: { reservationId: 'r', featureId: 'llm', value: 1_000, properties: LARGE } },
      {
        capture: { reservationId: 'r', properties: { ...LARGE, team: 'a' } },
        expect: { answer: { deducted: { ai: 2.5 } }, balances: { ai: { usage: 2.5 } } },
      },
    ],
  },
  {
    row: 723,
    title: 'properties of the capture that change the cost: what was set aside goes back',
    grants: [oneOff('ai', 100)],
    steps: [
      { reserve: { reservationId: 'r', featureId: 'llm', value: 4_000, properties: LARGE } },
      {
        capture: { reservationId: 'r', value: 1_000, properties: MINI, final: false },
        expect: {
          answer: { deducted: { ai: 0.002 }, reservation: { held: 3_000, used: 1_000 } },
          balances: { ai: { reserved: 7.5, usage: 0.002, remaining: 92.498 } },
        },
      },
      {
        capture: { reservationId: 'r', properties: MINI },
        expect: {
          answer: { deducted: { ai: 0.006 }, reservation: { status: 'CAPTURED', used: 4_000 } },
          balances: { ai: { reserved: 0, usage: 0.008 } },
          events: { count: 2, sum: 4_000 },
        },
      },
      // It has the properties of the capture.
      {
        amend: { event: 0, value: 2_000 },
        expect: { answer: { deducted: { ai: 0.004 }, undone: { reversed: { ai: 0.002 } } } },
      },
    ],
  },
  {
    row: 724,
    title: 'a higher cost than was set aside for is taken as far as there is room',
    grants: [oneOff('ai', 1)],
    steps: [
      { reserve: { reservationId: 'r', featureId: 'llm', value: 1_000, properties: MINI } },
      {
        capture: { reservationId: 'r', properties: LARGE, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { ai: 1.5 } },
          balances: { ai: { reserved: 0.002, usage: 0 } },
        },
      },
      {
        capture: { reservationId: 'r', properties: LARGE },
        expect: {
          answer: { deducted: { ai: 1 }, unapplied: { ai: 1.5 } },
          balances: { ai: { reserved: 0, usage: 1, remaining: 0 } },
        },
      },
    ],
  },
  {
    row: 725,
    title: 'properties that are known only at the capture decide then',
    grants: [oneOff('ai', 100)],
    steps: [
      {
        reserve: { reservationId: 'r', featureId: 'llm', value: 5 },
        expect: { answer: { deducted: { ai: 50 } } },
      },
      {
        capture: { reservationId: 'r', value: 4, properties: LARGE },
        expect: {
          answer: { deducted: { ai: 0.01 } },
          balances: { ai: { reserved: 0, usage: 0.01 } },
        },
      },
    ],
  },
  {
    row: 726,
    title: 'a capture at another cost that the credit system does not have is paid for by others',
    grants: [oneOff('ai', 100, { priority: -1 }), oneOff('studio', 100)],
    steps: [
      {
        reserve: { reservationId: 'r', featureId: 'images', value: 2, properties: MINI },
        expect: { answer: { deducted: { ai: 14 } } },
      },
      {
        capture: { reservationId: 'r', properties: { model: 'other' } },
        expect: {
          answer: { deducted: { studio: 10 } },
          balances: { ai: { reserved: 0, usage: 0 }, studio: { usage: 10 } },
        },
      },
    ],
  },
  {
    row: 727,
    title:
      'a balance that expired in the meantime loses what goes back, and others pay the new cost',
    clock: '2026-01-01T00:00:00Z',
    grants: [
      oneOff('ai', 10, { name: 'short', expiresAt: '2026-01-02T00:00:00Z' }),
      oneOff('ai', 100, { name: 'long' }),
    ],
    steps: [
      {
        reserve: {
          reservationId: 'r',
          featureId: 'llm',
          value: 4_000,
          properties: LARGE,
          expiresAt: '2026-01-03T00:00:00Z',
        },
        expect: { answer: { deducted: { short: 10 } } },
      },
      {
        clock: '2026-01-02T00:00:00Z',
        expect: { balances: { ai: { remaining: 100, reserved: 0 } } },
      },
      {
        capture: { reservationId: 'r', value: 1_000, final: false },
        expect: { answer: { deducted: { short: 2.5 } }, balances: { ai: { remaining: 100 } } },
      },
      {
        capture: { reservationId: 'r', value: 1_000, properties: MINI, final: false },
        expect: {
          answer: { deducted: { long: 0.002 }, reservation: { held: 2_000, used: 2_000 } },
          balances: { ai: { remaining: 99.998, usage: 0.002 } },
        },
      },
      {
        capture: { reservationId: 'r' },
        expect: {
          answer: { deducted: { short: 5 } },
          balances: { ai: { remaining: 99.998, usage: 0.002 } },
          events: { count: 3, sum: 4_000 },
        },
      },
    ],
  },
];
