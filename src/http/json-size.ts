/** How much there is in JSON before it is read: half a million nested lists take `JSON.parse` a second. */
import { endOfString } from './end-of-string.js';

/** More than a hundred in each usage event of the longest list. */
export const BODY_VALUES_MAX = 100_000;

/** A body with more values than this is read in its turn. */
const QUICK_VALUES_MAX = 10_000;

/** Whether reading the body takes so long that it has to wait for its turn. */
export function isManyValued(text: string): boolean {
  return hasMoreValues(text, QUICK_VALUES_MAX);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Whether the text may have more values than that. Objects and lists count twice, as such and as what is in them. */
export function hasMoreValues(text: string, max: number): boolean {
  // Each takes a character.
  if (text.length <= max) return false;
  let count = 1;
  for (let at = 0; at < text.length && count <= max; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === COMMA || code === BRACKET || code === BRACE) count += 1;
  }
  return count > max;
}
