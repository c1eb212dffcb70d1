import type { ReadContext } from '../verb.js';

/**
 * A list that may be long, as it is answered: what is asked about its items, so many fields for each, is found in slices of
 * time, between which others have their turn.
 */
export function sharedList<T>(
  { readQueue, caller }: ReadContext,
  items: readonly T[],
  fieldsPerItem: number,
): readonly (T | Promise<T>)[] {
  return readQueue.share(caller.projectId, items, fieldsPerItem);
}
