import type { Page } from './read-path.js';

/** After every character of an id: those are printable ASCII, compared byte for byte. */
const LAST = '\u007f';

/**
 * The part of a page in a list of ids that begin with the prefix. As such ids are a range of the list, the index that finds the page finds
 * this part of it.
 */
export function pageWithin(page: Page, prefix: string): Page {
  const [above, below] = [before(prefix), `${prefix}${LAST}`];
  return {
    ...page,
    after: page.after !== null && page.after > above ? page.after : above,
    before: page.before !== null && page.before < below ? page.before : below,
  };
}

/** After every id that is less than the prefix, and before all that begin with it. */
function before(prefix: string): string {
  const code = prefix.charCodeAt(prefix.length - 1);
  return `${prefix.slice(0, -1)}${String.fromCharCode(code - 1)}${LAST}`;
}
