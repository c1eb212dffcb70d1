/** The table `event_voids`: what is beside an event that has been undone. */
import { quantityToText } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import { amount, Members, oneOf, type Reader, text } from '../domain/stored-values.js';
import { NOT_REVERSED_REASONS, type Reversal } from '../domain/void.js';
import type { EventVoid } from '../meter/store.js';
import { ms } from './account-rows.js';
import { placed, table } from './placed.js';

/** Of the event `r`, as SQL: JSON text, or null if it has not been undone. */
export const VOID_OF_EVENT = placed`(SELECT json_build_array(${ms('v.voided_at')}, v.reason, v.actor,
    v.amended_by_id, v.outcome)::text FROM ${table('event_voids')} v
  WHERE v.customer_key = r.customer_key AND v.event_id = r.id)`;

/** Of the event `r`: the id of the event in whose place it is; null if it is in that of none. */
export const AMENDED_EVENT = placed`(SELECT v.event_id FROM ${table('event_voids')} v
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
  return { voidedAt, reason, actor, amendedById, reversal: reversalFromJson(outcome) };
}

export function reversalFromJson(json: unknown): Reversal {
  return readStored(json, [reversalOf, reversalOf]);
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

const reversedOf: Reader<Reversal['reversed'][number]> = (json) => {
  const stored = new Members(json);
  return {
    balanceId: stored.get('balanceId', text),
    featureId: stored.get('featureId', text),
    amount: stored.get('amount', amount),
  };
};

const notReversedOf: Reader<Reversal['notReversed'][number]> = (json) => ({
  ...reversedOf(json),
  reason: new Members(json).get('reason', oneOf(NOT_REVERSED_REASONS)),
});

const reversalOf: Reader<Reversal> = (json) => {
  const stored = new Members(json);
  return {
    reversed: stored.all('reversed', reversedOf),
    notReversed: stored.all('notReversed', notReversedOf),
  };
};
