/** Customers are kept in places, each of which has everything about its own (docs/adr/0070-places.md). */

/** A power of two, so that places can be counted off by the first bits of a key. */
export const PLACES_MAX = 64;

/** The server of the catalogue, and of all customers unless there are others. */
export const HOME = 'home';

/** Enough for all places, and read as a number at once. */
const DIGITS = 4;

/** The number of the place that a customer is in, from 0: the first bits of its key, which is a hash. */
export function placeOf(customerKey: string, places: number): number {
  if (places === 1) return 0;
  return Math.floor((Number.parseInt(customerKey.slice(0, DIGITS), 16) * places) / 16 ** DIGITS);
}
