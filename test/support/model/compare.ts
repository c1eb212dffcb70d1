/** The model's answers and a gateway's, made comparable. */

import type { Answer, View } from '../cases/plain.js';
import { amountOf, textOf } from './numbers.js';

const AMOUNT = /^-?\d+(\.\d+)?$/;

/**
 * The answer with its amounts as a JSON number can say them, and with the grants of a view in the
 * order of their names: in which order they are listed nobody promises.
 */
export function comparable<Part extends Answer | View | null>(part: Part): unknown {
  return JSON.parse(JSON.stringify(part), (key, value: unknown) => {
    if (typeof value === 'string' && AMOUNT.test(value)) return textOf(amountOf(Number(value)));
    return key === 'breakdown' && Array.isArray(value) ? value.toSorted(byGrant) : value;
  });
}

function byGrant(a: { grant: string }, b: { grant: string }): number {
  return a.grant < b.grant ? -1 : 1;
}
