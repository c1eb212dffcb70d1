import type { OnlyCustomer } from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import type { Answer, Page, ReadPath } from './read-path.js';

/** One kind of read: what is requested from the database for all callers together, and what each of them gets. */
export interface ReadKind<Wanted, Found, Shown = Found> {
  /** The approximate number of rows, with large ones counted several times; a statement requests a limited number. */
  rowsOf(wanted: Wanted): number;
  /** Two with the same text are the same, and are read once. */
  textOf(wanted: Wanted): string;
  /**
   * Of a read of one customer, its key, which says on which server it is; null for a list of what all customers have, and
   * undefined for what is of none, such as the catalogue.
   */
  customerKeyOf(wanted: Wanted): string | null | undefined;
  /** An answer for each, in order. */
  load(
    path: ReadPath,
    projectId: string,
    wanted: readonly Wanted[],
  ): Promise<readonly Answer<Found>[]>;
  /** How many rows were found; without it, one, or none if it is null. */
  rowsFound?(found: Found): number;
  /** Undefined if it has to be requested again. */
  show(found: Found): Shown | undefined;
}

/** A kind whose rows may be this many times as large as others, as they contain a client's JSON: fewer are read at once. */
interface Large {
  readonly timesAsLarge?: number;
}

/** What every kind that a verb reads has to say. */
export interface Within<Wanted> {
  /** The same of that customer alone; of another one, what does not exist. */
  within(wanted: Wanted, only: OnlyCustomer): Wanted;
}

type RowKind<Wanted, Found> = Pick<ReadKind<Wanted, Found>, 'textOf' | 'customerKeyOf' | 'load'> &
  Large &
  Within<Wanted>;

/** Single rows, shown as they are stored. */
export function rowKind<Wanted, Found>({
  timesAsLarge = 1,
  ...kind
}: RowKind<Wanted, Found>): ReadKind<Wanted, Found> & Within<Wanted> {
  return { ...kind, rowsOf: () => timesAsLarge, show: asFound };
}

interface PageKind<Wanted, Found>
  extends Pick<ReadKind<Wanted, Found>, 'customerKeyOf' | 'load'>,
    Large,
    Within<Wanted> {
  /** A text that identifies the list among those of the project. */
  listOf(page: Wanted): string;
  /** How many of them there are. */
  rowsFound(found: Found): number;
}

/** Pages of rows, shown as they are stored. */
export function pageKind<Wanted extends Page, Found>({
  timesAsLarge = 1,
  listOf,
  ...kind
}: PageKind<Wanted, Found>): ReadKind<Wanted, Found> & Within<Wanted> {
  return {
    ...kind,
    rowsOf: ({ limit }) => timesAsLarge * limit,
    textOf: (page) => `${listOf(page)}${pageText(page)}`,
    show: asFound,
  };
}

/** The only way to the read queue: here, callers with a customer token are kept to their customer. */
export function readOne<Wanted, Found, Shown>(
  { readQueue, caller, execution }: ReadContext,
  kind: ReadKind<Wanted, Found, Shown> & Within<Wanted>,
  given: Wanted,
): Promise<Shown> {
  const wanted = caller.only === undefined ? given : kind.within(given, caller.only);
  return readQueue.read(kind, caller.projectId, wanted, execution);
}

export function rowsIn(kind: ReadKind<unknown, unknown, unknown>, found: unknown): number {
  return kind.rowsFound?.(found) ?? (found === null ? 0 : 1);
}

/** For pages that are found as lists of rows. */
export function lengthOf(rows: readonly unknown[]): number {
  return rows.length;
}

/** For a list that has nothing for a caller with a customer token. */
export function noneOf<Wanted extends Page>(page: Wanted): Wanted {
  return { ...page, limit: 0 };
}

/** The part of a page that is one item, if it exists. */
export function pageOfOne<Item extends { readonly id: string }>(
  item: Item | null,
  { limit, after, before }: Page,
): readonly Item[] {
  if (item === null || limit < 1) return [];
  return (after ?? '') < item.id && (before === null || item.id < before) ? [item] : [];
}

/** For a read of one customer that names it. */
export function customerKeyIn({ customerKey }: { readonly customerKey: string }): string {
  return customerKey;
}

/** For a list of what is of all customers. */
export function ofAllCustomers(): null {
  return null;
}

/** For what is on the server of the catalogue. */
export function ofNoCustomer(): undefined {
  return undefined;
}

function asFound<Found>(found: Found): Found {
  return found;
}

function pageText({ limit, after, before, inverted }: Page): string {
  return JSON.stringify([limit, after, before, inverted]);
}
