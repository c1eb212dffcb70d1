/** The table `event_voids`: what is beside an event that has been undone. */
import { z } from 'zod';
import { quantityFromText, quantityToText } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import { NOT_REVERSED_REASONS, type Reversal } from '../domain/void.js';
import type { EventVoid } from '../meter/store.js';
import { ms } from './account-rows.js';

/** Of the event `r`, as SQL: JSON text, or null if it has not been undone. */
export const VOID_OF_EVENT = `(SELECT json_build_array(${ms('v.voided_at')}, v.reason, v.actor,
    v.amended_by_id, v.outcome)::text FROM public.event_voids v
  WHERE v.customer_key = r.customer_key AND v.event_id = r.id)`;

/** Of the event `r`: the id of the event in whose place it is; null if it is in that of none. */
export const AMENDED_EVENT = `(SELECT v.event_id FROM public.event_voids v
  WHERE v.customer_key = r.customer_key AND v.amended_by_id = r.id)`;

type VoidJson = readonly [
  voidedAt: number,
  reason: string | null,
  actor: string | null,
  amendedById: string | null,
  outcome: unknown,
];

/** What `VOID_OF_EVENT` has selected. */
export function eventVoidFromText(text: string | null | undefined): EventVoid | null {
  if (!text) return null;
  const [voidedAt, reason, actor, amendedById, outcome] = JSON.parse(text) as VoidJson;
  return { voidedAt, reason, actor, amendedById, reversal: readStored(outcome, [schema, schema]) };
}

export function reversalToJson({ reversed, notReversed }: Reversal): string {
  return JSON.stringify({
    v: STORED_VERSION,
    ...(reversed.length > 0 && {
      reversed: reversed.map((part) => ({ ...part, amount: quantityToText(part.amount) })),
    }),
    ...(notReversed.length > 0 && {
      notReversed: notReversed.map((part) => ({ ...part, amount: quantityToText(part.amount) })),
    }),
  });
}

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,10})?$/)
  .transform(quantityFromText);

const part = z.object({ balanceId: z.string(), featureId: z.string(), amount });

const schema = z.object({
  reversed: z.array(part).default([]),
  notReversed: z.array(part.extend({ reason: z.enum(NOT_REVERSED_REASONS) })).default([]),
});
