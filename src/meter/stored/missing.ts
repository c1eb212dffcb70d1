/** A refusal for lack of balance within a stored result, the same for every verb. */
import { z } from 'zod';
import type { Shortfall } from '../../domain/deduction.js';
import { quantityToText } from '../../domain/quantity.js';
import { DENIAL_REASONS, type WhyNot } from '../../domain/refusal.js';
import { amount } from './balance.js';

/** Why is null if an earlier release stored it. */
export interface Missing {
  readonly missing: readonly Shortfall[];
  readonly why: WhyNot | null;
}

/** An earlier release skips the second member. */
export function missingToJson({ missing, why }: Missing) {
  return { missing: missing.map(shortfallToJson), ...(why !== null && { why: whyToJson(why) }) };
}

function whyToJson({ reason, largestAllowed, nextChangeAt }: WhyNot) {
  const largest = largestAllowed === null ? null : quantityToText(largestAllowed);
  return [reason, largest, nextChangeAt];
}

export function shortfallToJson({ featureId, chargedFeatureId, amount }: Shortfall) {
  return [featureId, chargedFeatureId, quantityToText(amount)];
}

export const shortfall = z
  .tuple([z.string(), z.string(), amount])
  .transform(
    ([featureId, chargedFeatureId, amount]): Shortfall => ({ featureId, chargedFeatureId, amount }),
  );

const why = z
  .tuple([z.enum(DENIAL_REASONS), amount.nullable(), z.int().nullable()])
  .transform(
    ([reason, largestAllowed, nextChangeAt]): WhyNot => ({ reason, largestAllowed, nextChangeAt }),
  );

export const missing = z.object({
  missing: z.array(shortfall),
  why: why.nullable().default(null),
});
