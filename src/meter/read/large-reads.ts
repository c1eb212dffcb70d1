import { UnavailableError } from '../../domain/unavailable.js';
import { createGate, type Gate, type Patience } from '../gate.js';

/**
 * A query that may cost more is large: it may read more rows than one statement gives. A customer with a thousand balances and
 * the features of all of them is not.
 */
export const SMALL_READ_COST_MAX = 5_000;

/**
 * What the large reads of a project that have begun may cost together; one alone may cost more. Three times a hundred customers
 * with their balances and the features of these.
 */
export const LARGE_READS_COST_MAX = 1_000_000;

/**
 * In front of large reads, whose weight is what they may cost. All at once would take as long together, but each of them would
 * take all that time, and what they have found so far would fill the memory and be copied by the garbage collector again and
 * again. One that has not begun is no more than its request. Projects do not wait for each other: they share nothing here.
 */
export function createLargeReads(patience: Patience): Gate {
  return createGate({
    inFlightMax: Number.POSITIVE_INFINITY,
    inFlightPerProjectMax: LARGE_READS_COST_MAX,
    // Those that wait are in flight for the admission, which limits how many of a project there are.
    waitingMax: Number.POSITIVE_INFINITY,
    waitingPerProjectMax: Number.POSITIVE_INFINITY,
    patience,
    refusal: () => new UnavailableError('READS_OVERLOADED'),
  });
}
