/** Paged lists, following Relay's conventions. */
import { Buffer } from 'node:buffer';
import { parseCursorConnectionArgs } from '@pothos/core';
import type { DefaultConnectionArguments } from '@pothos/plugin-relay';
import type { Page } from '../meter/read/read-path.js';
import { invalidArgument } from './input/invalid-input.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './input/limits.js';

/** The cursors of one kind of list: a key, in base64 with the list's name. */
export interface Cursors<Item> {
  readonly list: string;
  readonly keyForm: RegExp;
  readonly keyOf: (item: Item) => string;
}

/** One page of a list that the store orders by key. */
export async function resolvePage<Item extends object>(
  args: DefaultConnectionArguments,
  cursors: Cursors<Item>,
  load: (page: Page) => Promise<readonly Item[] | Search<Item>>,
) {
  const { first, last } = args;
  if (isGiven(first) && isGiven(last)) {
    throw invalidArgument('last', last, 'exclusive', 'must not be given together with first');
  }
  const after = decodeCursor(cursors, 'after', args.after);
  const before = decodeCursor(cursors, 'before', args.before);
  const { limit, inverted, expectedSize, ...more } = parseCursorConnectionArgs({
    args: { first: first ?? null, last: last ?? null, after, before },
    defaultSize: PAGE_SIZE_DEFAULT,
    maxSize: PAGE_SIZE_MAX,
  });
  // One row more than the page holds, to know whether there is another page.
  const { items: rows, stoppedAt } = searched(await load({ limit, inverted, after, before }));
  const items = rows.slice(0, expectedSize);
  const edges = (inverted ? items.toReversed() : items).map((node) => ({
    cursor: encodeCursor(cursors, cursors.keyOf(node)),
    node,
  }));
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasPreviousPage: more.hasPreviousPage(rows.length),
      hasNextPage: more.hasNextPage(rows.length),
      ...(stoppedAt === null ? {} : goOn(encodeCursor(cursors, stoppedAt), inverted)),
    },
  };
}

/** The result of a search without an index, which stops after examining a limited number of items. */
export interface Search<Item> {
  readonly items: readonly Item[];
  /** The key at which it stopped; null if it reached the end. */
  readonly stoppedAt: string | null;
}

function searched<Item>(found: readonly Item[] | Search<Item>): Search<Item> {
  return 'items' in found ? found : { items: found, stoppedAt: null };
}

/** The page has fewer items than requested, and requesting the next page continues the search. */
function goOn(cursor: string, inverted: boolean) {
  return inverted
    ? { hasPreviousPage: true, startCursor: cursor }
    : { hasNextPage: true, endCursor: cursor };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

export function encodeCursor(cursors: Cursors<never>, key: string): string {
  return Buffer.from(`${cursors.list}:${key}`).toString('base64');
}

/** Longer than any that a list returns; a page may be asked for below each of a hundred items. */
const CURSOR_CHARS_MAX = 1_024;

export function decodeCursor(
  cursors: Cursors<never>,
  argument: 'after' | 'before',
  cursor: string | null | undefined,
): string | null {
  if (!isGiven(cursor)) return null;
  const text = Buffer.from(cursor.slice(0, CURSOR_CHARS_MAX), 'base64').toString('latin1');
  const key = text.slice(cursors.list.length + 1);
  if (cursors.keyForm.test(key) && encodeCursor(cursors, key) === cursor) return key;
  throw invalidArgument(argument, cursor, 'cursor', 'must be a cursor that this list has returned');
}
