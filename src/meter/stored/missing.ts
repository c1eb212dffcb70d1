/** A refusal for lack of balance within a stored result, the same for every verb. */
import type { Shortfall } from '../../domain/deduction.js';
import { quantityToText } from '../../domain/quantity.js';
import { DENIAL_REASONS, type WhyNot } from '../../domain/refusal.js';
import {
  amount,
  elementsOf,
  int,
  listOf,
  Members,
  oneOf,
  orNull,
  type Reader,
  text,
} from '../../domain/stored-values.js';

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

export const shortfallOf: Reader<Shortfall> = (json) => {
  const parts = elementsOf(json, 3);
  return {
    featureId: parts.at(0, text),
    chargedFeatureId: parts.at(1, text),
    amount: parts.at(2, amount),
  };
};

const whyOf: Reader<WhyNot> = (json) => {
  const parts = elementsOf(json, 3);
  return {
    reason: parts.at(0, oneOf(DENIAL_REASONS)),
    largestAllowed: parts.at(1, orNull(amount)),
    nextChangeAt: parts.at(2, orNull(int)),
  };
};

export const missingOf: Reader<Missing> = (json) => {
  const stored = new Members(json);
  return {
    missing: stored.get('missing', listOf(shortfallOf)),
    why: stored.orNull('why', whyOf),
  };
};
