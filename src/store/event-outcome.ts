/** The column `events.outcome`: what an event took and what it could not take. Empty lists are omitted. */
import { z } from 'zod';
import type { Deduction, Shortfall } from '../domain/deduction.js';
import { quantityFromText, quantityToText, ZERO } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import type { EventOutcome } from '../meter/store.js';

export function eventOutcomeToJson({ deductions, unapplied }: EventOutcome): string {
  if (deductions.length === 0 && unapplied.length === 0) return NOTHING;
  // A member that is undefined is omitted from the text.
  return JSON.stringify({
    v: STORED_VERSION,
    deductions: deductions.length > 0 ? deductions.map(deductionToJson) : undefined,
    unapplied: unapplied.length > 0 ? unapplied.map(shortfallToJson) : undefined,
  });
}

const NOTHING = JSON.stringify({ v: STORED_VERSION });

function deductionToJson({ balanceId, featureId, amount }: Deduction) {
  return { balanceId, featureId, amount: quantityToText(amount) };
}

function shortfallToJson({ featureId, chargedFeatureId, amount }: Shortfall) {
  return { featureId, chargedFeatureId, amount: quantityToText(amount) };
}

export function eventOutcomeFromJson(json: unknown): EventOutcome {
  return readStored(json, [schema, schema]);
}

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,10})?$/)
  .transform(quantityFromText)
  .default(ZERO);

/** Version 0 had both lists, even where they were empty. */
const schema = z.object({
  deductions: z
    .array(z.object({ balanceId: z.string(), featureId: z.string(), amount }))
    .default([]),
  unapplied: z
    .array(z.object({ featureId: z.string(), chargedFeatureId: z.string(), amount }))
    .default([]),
});
