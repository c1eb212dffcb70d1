/** The column `events.outcome`: what an event took and what it could not take. Empty lists are omitted. */
import type { Deduction, Shortfall } from '../domain/deduction.js';
import { quantityToText, ZERO } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import { amount, Members, type Reader, text } from '../domain/stored-values.js';
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
  return readStored(json, [outcomeOf, outcomeOf]);
}

const deductionOf: Reader<Deduction> = (json) => {
  const stored = new Members(json);
  return {
    balanceId: stored.get('balanceId', text),
    featureId: stored.get('featureId', text),
    amount: stored.or('amount', amount, ZERO),
  };
};

const shortfallOf: Reader<Shortfall> = (json) => {
  const stored = new Members(json);
  return {
    featureId: stored.get('featureId', text),
    chargedFeatureId: stored.get('chargedFeatureId', text),
    amount: stored.or('amount', amount, ZERO),
  };
};

/** Version 0 had both lists, even where they were empty. */
const outcomeOf: Reader<EventOutcome> = (json) => {
  const stored = new Members(json);
  return {
    deductions: stored.all('deductions', deductionOf),
    unapplied: stored.all('unapplied', shortfallOf),
  };
};
