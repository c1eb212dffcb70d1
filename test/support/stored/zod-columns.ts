/** The zod schemas of JSON in columns of tables, in the order of their versions. */
import { z } from 'zod';
import { costFromText } from '../../../src/domain/cost.js';
import { ZERO } from '../../../src/domain/quantity.js';
import { NOT_REVERSED_REASONS } from '../../../src/domain/void.js';
import { amount } from './zod-balance.js';

const omittable = amount.default(ZERO);

const outcome = z.object({
  deductions: z
    .array(z.object({ balanceId: z.string(), featureId: z.string(), amount: omittable }))
    .default([]),
  unapplied: z
    .array(z.object({ featureId: z.string(), chargedFeatureId: z.string(), amount: omittable }))
    .default([]),
});

export const EVENT_OUTCOME = [outcome, outcome];

const reversed = z.object({ balanceId: z.string(), featureId: z.string(), amount });

const reversal = z.object({
  reversed: z.array(reversed).default([]),
  notReversed: z.array(reversed.extend({ reason: z.enum(NOT_REVERSED_REASONS) })).default([]),
});

export const REVERSAL = [reversal, reversal];

const cost = z
  .string()
  .regex(/^\d+(\.\d{1,18})?$/)
  .transform(costFromText);

/** A cost for no properties would be one for all usage. */
const where = z
  .array(z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean()])]))
  .min(1)
  .transform((pairs) => Object.fromEntries(pairs));

const prices = z
  .object({
    costs: z.array(
      z.tuple([cost, where.nullable()]).transform(([cost, where]) => ({ cost, where })),
    ),
  })
  .transform(({ costs }) => costs);

export const CREDIT_COSTS = [prices, prices];

const part = z.union([z.literal('MAIN'), z.literal('KEPT'), z.number()]);

const take = z
  .tuple([z.string(), part, amount, cost])
  .transform(([balanceId, part, amount, cost]) => ({
    balanceId,
    part,
    amount,
    cost,
  }));

const charges = z
  .object({
    charges: z.array(
      z
        .tuple([z.string(), amount, z.array(take)])
        .transform(([featureId, held, takes]) => ({ featureId, held, takes })),
    ),
  })
  .transform(({ charges }) => charges);

export const CHARGES = [charges, charges];

const rollover = z.object({
  granted: amount,
  used: amount.default(ZERO),
  // What `Date` can hold.
  expiresAt: z.number().min(-8.64e15).max(8.64e15).nullable().default(null),
});

const heldSchema = z.union([rollover.extend({ reserved: amount }), z.object({ reserved: amount })]);

export const ROLLOVER = [rollover, rollover, heldSchema];
