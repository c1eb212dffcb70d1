import type { Page } from '../meter/store.js';

interface Range<Key> {
  gt?: Key;
  lt?: Key;
}

/**
 * A page of rows in the order of their keys: what to ask of the key, and from which end. Inverted
 * pages are read, and given, from the other end.
 */
export function ascending<Key>(page: Page, key: (cursor: string) => Key) {
  return {
    range: range(page.after, page.before, key),
    order: page.inverted ? ('desc' as const) : ('asc' as const),
  };
}

/** The same with the largest key first. */
export function descending<Key>(page: Page, key: (cursor: string) => Key) {
  return {
    range: range(page.before, page.after, key),
    order: page.inverted ? ('asc' as const) : ('desc' as const),
  };
}

function range<Key>(
  from: string | null,
  to: string | null,
  key: (cursor: string) => Key,
): Range<Key> {
  return {
    ...(from === null ? {} : { gt: key(from) }),
    ...(to === null ? {} : { lt: key(to) }),
  };
}

export function cursorsMatch({ after, before }: Page, form: RegExp): boolean {
  return (after === null || form.test(after)) && (before === null || form.test(before));
}
