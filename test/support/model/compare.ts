/** Makes the answers of the model and of a gateway comparable. */

import type { Answer, PlainVoided, View } from '../cases/plain.js';
import { amountOf, textOf } from './numbers.js';

const AMOUNT = /^-?\d+(\.\d+)?$/;

/**
 * The answer with amounts at the precision of a JSON number, and with the grants of a view sorted by
 * name, because the order in which they are listed is not guaranteed.
 */
export function comparable<Part extends Answer | View | PlainVoided | null>(part: Part): unknown {
  return JSON.parse(JSON.stringify(part), (key, value: unknown) => {
    if (typeof value === 'string' && AMOUNT.test(value)) return textOf(amountOf(Number(value)));
    return key === 'breakdown' && Array.isArray(value) ? value.toSorted(byGrant) : value;
  });
}

function byGrant(a: { grant: string }, b: { grant: string }): number {
  return a.grant < b.grant ? -1 : 1;
}
