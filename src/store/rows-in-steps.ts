import type { Steps } from '../platform/steps.js';
import type { Row } from './read-client.js';

/** What a step reads: much less than a slice of the event loop's time should take. */
const STEP_CHARACTERS = 16 * 1024;

/** Turns rows into what they stand for, a few small ones or one large one in each step. */
export function* rowsInSteps<Found>(
  rows: readonly Row[],
  from: (row: Row) => Found,
): Steps<Found[]> {
  const found: Found[] = [];
  let characters = 0;
  for (const row of rows) {
    if (characters > STEP_CHARACTERS) {
      characters = 0;
      yield;
    }
    found.push(from(row));
    for (const cell of row) characters += cell?.length ?? 0;
  }
  return found;
}
