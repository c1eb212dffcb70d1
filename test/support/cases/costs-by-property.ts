import { type Case, monthly, oneOff } from './case.js';

const MINI = { model: 'mini' };
const LARGE = { model: 'large' };

/** Costs that depend on the properties of the use. The catalogue has `llm` in `ai`, and `images` in `ai` and `studio`. */
export const COSTS_BY_PROPERTY: readonly Case[] = [
  {
    row: 701,
    title: 'the first cost applies whose properties the use has',
    grants: [oneOff('ai', 100)],
    steps: [
      {
        track: { featureId: 'llm', value: 1_000, properties: MINI },
        expect: {
          answer: { deducted: { ai: 0.002 }, features: ['ai'], balance: 'ai' },
          balances: { ai: { remaining: 99.998 } },
        },
      },
      {
        track: { featureId: 'llm', value: 1_000, properties: LARGE },
        expect: { answer: { deducted: { ai: 2.5 } } },
      },
      // Both conditions of the entry before that one.
      {
        track: {
          featureId: 'llm',
          value: 1_000,
          properties: { ...LARGE, cached: true, team: 'a' },
        },
        expect: { answer: { deducted: { ai: 1.25 } } },
      },
      {
        track: { featureId: 'llm', value: 1_000, properties: { ...LARGE, cached: false } },
        expect: { answer: { deducted: { ai: 2.5 } } },
      },
    ],
  },
  ...[
    undefined,
    {},
    { model: 'other' },
    { model: 'Mini' },
    { model: 'mini ' },
    { model: null },
    { model: ['mini'] },
    { model: { name: 'mini' } },
    { cached: true },
    { Model: 'mini' },
  ].map(
    (properties): Case => ({
      row: 702,
      title: `the cost without properties applies to all others: ${JSON.stringify(properties)}`,
      grants: [oneOff('ai', 100)],
      steps: [
        {
          track: { featureId: 'llm', value: 3, ...(properties && { properties }) },
          expect: { answer: { deducted: { ai: 30 } } },
        },
      ],
    }),
  ),
  ...[
    [{ size: 1024 }, 2],
    [{ size: 1024.5 }, 5],
    [{ size: '1024' }, 3],
    [{ size: true }, 4],
  ].map(
    ([properties, cost]): Case => ({
      row: 703,
      title: `numbers, texts and truth values are told apart: ${JSON.stringify(properties)}`,
      grants: [oneOff('studio', 100)],
      steps: [
        {
          track: {
            featureId: 'images',
            value: 1,
            properties: properties as Record<string, unknown>,
          },
          expect: { answer: { deducted: { studio: cost as number } } },
        },
      ],
    }),
  ),
  {
    row: 704,
    title: 'a credit system without a cost for the use does not pay, and others do',
    grants: [oneOff('ai', 100, { priority: -1 }), oneOff('studio', 100)],
    steps: [
      {
        track: { featureId: 'images', value: 2, properties: { size: 1024 } },
        expect: { answer: { deducted: { studio: 4 }, features: ['studio'] } },
      },
      {
        track: { featureId: 'images', value: 2, properties: { size: 1024, ...MINI } },
        expect: { answer: { deducted: { ai: 14 }, features: ['ai', 'studio'] } },
      },
    ],
  },
  {
    row: 705,
    title:
      'usage that no cost is meant for is recorded, or refused, like one of a feature that is not held',
    grants: [oneOff('ai', 100)],
    steps: [
      {
        track: { featureId: 'images', value: 2, properties: LARGE },
        expect: { answer: { deducted: {}, unapplied: { images: 2 }, features: [], balance: null } },
      },
      {
        track: { featureId: 'images', value: 2, properties: LARGE, overageBehavior: 'REJECT' },
        expect: {
          answer: { refused: 'INSUFFICIENT_BALANCE', missing: { images: 2 } },
          balances: { ai: { remaining: 100 } },
          events: { count: 1 },
        },
      },
    ],
  },
  {
    row: 706,
    title: 'the own balance is taken first, whatever the properties, and what is left at the cost',
    grants: [oneOff('llm', 1_000), oneOff('ai', 100)],
    steps: [
      {
        track: { featureId: 'llm', value: 3_000, properties: LARGE },
        expect: { answer: { deducted: { llm: 1_000, ai: 5 } } },
      },
      {
        track: { featureId: 'llm', value: -2_000, properties: MINI },
        expect: { answer: { deducted: { llm: -1_000, ai: -0.002 } } },
      },
    ],
  },
  {
    row: 707,
    title: 'a charge at a fine cost is rounded once, halves up',
    grants: [oneOff('ai', 100)],
    steps: [
      // 0.000000000123456789 each.
      {
        track: { featureId: 'llm', value: 1, properties: { model: 'tiny' } },
        expect: { answer: { deducted: { ai: 0.0000000001 } } },
      },
      {
        track: { featureId: 'llm', value: 1_000_000, properties: { model: 'tiny' } },
        expect: { answer: { deducted: { ai: 0.0001234568 } } },
      },
      // Half of the smallest amount.
      {
        track: { featureId: 'llm', value: 0.5, properties: { model: 'half' } },
        expect: { answer: { deducted: { ai: 0.0000000001 } } },
      },
      {
        track: { featureId: 'llm', value: 0.4999999999, properties: { model: 'half' } },
        expect: { answer: { deducted: {}, unapplied: {} } },
      },
      {
        track: { featureId: 'llm', value: -0.5, properties: { model: 'half' } },
        expect: { answer: { deducted: { ai: -0.0000000001 } } },
      },
    ],
  },
  {
    row: 708,
    title: 'what does not fit is in the units of the balance, at the cost of the use',
    grants: [oneOff('ai', 1)],
    steps: [
      {
        track: { featureId: 'llm', value: 1_000, properties: LARGE },
        expect: { answer: { deducted: { ai: 1 }, unapplied: { ai: 1.5 } } },
      },
      {
        track: { featureId: 'llm', value: 1_000, properties: MINI, overageBehavior: 'REJECT' },
        expect: { answer: { refused: 'INSUFFICIENT_BALANCE', missing: { ai: 0.002 } } },
      },
    ],
  },
  {
    row: 709,
    title: 'an event name charges each feature at its own cost for the same properties',
    grants: [oneOff('ai', 100)],
    steps: [
      {
        track: { eventName: 'generated', value: 2, properties: MINI },
        expect: { balances: { ai: { usage: 14.000004 } } },
      },
    ],
  },
  {
    row: 710,
    title: 'a retry with other properties is another call',
    grants: [oneOff('ai', 100)],
    steps: [
      { track: { featureId: 'llm', value: 1_000, properties: LARGE, idempotencyKey: 'k' } },
      {
        track: { featureId: 'llm', value: 1_000, properties: LARGE, idempotencyKey: 'k' },
        expect: { answer: { replayed: true, deducted: { ai: 2.5 } } },
      },
      {
        track: { featureId: 'llm', value: 1_000, properties: MINI, idempotencyKey: 'k' },
        expect: {
          answer: { refused: 'IDEMPOTENCY_CONFLICT', field: 'properties' },
          balances: { ai: { remaining: 97.5 } },
        },
      },
    ],
  },
  {
    row: 711,
    title: 'what was taken is given back, whatever its cost would be now',
    grants: [oneOff('ai', 100)],
    steps: [
      { track: { featureId: 'llm', value: 1_000, properties: LARGE } },
      { track: { featureId: 'llm', value: 1_000, properties: MINI } },
      {
        void: 0,
        expect: {
          voided: { reversed: { ai: 2.5 } },
          balances: { ai: { remaining: 99.998 } },
        },
      },
      { void: 1, expect: { voided: { reversed: { ai: 0.002 } } } },
    ],
  },
  {
    row: 712,
    title: 'an amendment takes the cost of its properties, or of those of the event',
    grants: [monthly('ai', 100)],
    steps: [
      { track: { featureId: 'llm', value: 1_000, properties: LARGE } },
      {
        amend: { event: 0, properties: MINI },
        expect: {
          answer: { undone: { reversed: { ai: 2.5 } }, deducted: { ai: 0.002 } },
          balances: { ai: { remaining: 99.998 } },
        },
      },
      {
        amend: { event: 1, value: 2_000 },
        expect: { answer: { undone: { reversed: { ai: 0.002 } }, deducted: { ai: 0.004 } } },
      },
      // All properties are replaced.
      {
        amend: { event: 2, value: 1, properties: { team: 'a' } },
        expect: { answer: { deducted: { ai: 10 }, undone: { reversed: { ai: 0.004 } } } },
      },
    ],
  },
];
