import type { ReadContext } from '../verb.js';
import type { Answer, Page, ReadPath } from './read-path.js';

/** One kind of read: what is requested from the database for all callers together, and what each of them gets. */
export interface ReadKind<Wanted, Found, Shown = Found> {
  /** The approximate number of rows, with large ones counted several times; a statement requests a limited number. */
  rowsOf(wanted: Wanted): number;
  /** Two with the same text are the same, and are read once. */
  textOf(wanted: Wanted): string;
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

type RowKind<Wanted, Found> = Pick<ReadKind<Wanted, Found>, 'textOf' | 'load'> & Large;

/** Single rows, shown as they are stored. */
export function rowKind<Wanted, Found>({
  timesAsLarge = 1,
  ...kind
}: RowKind<Wanted, Found>): ReadKind<Wanted, Found> {
  return { ...kind, rowsOf: () => timesAsLarge, show: asFound };
}

interface PageKind<Wanted, Found> extends Pick<ReadKind<Wanted, Found>, 'load'>, Large {
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
}: PageKind<Wanted, Found>): ReadKind<Wanted, Found> {
  return {
    ...kind,
    rowsOf: ({ limit }) => timesAsLarge * limit,
    textOf: (page) => `${listOf(page)}${pageText(page)}`,
    show: asFound,
  };
}

export function readOne<Wanted, Found, Shown>(
  { readQueue, caller, execution }: ReadContext,
  kind: ReadKind<Wanted, Found, Shown>,
  wanted: Wanted,
): Promise<Shown> {
  return readQueue.read(kind, caller.projectId, wanted, execution);
}

export function rowsIn(kind: ReadKind<unknown, unknown, unknown>, found: unknown): number {
  return kind.rowsFound?.(found) ?? (found === null ? 0 : 1);
}

/** For pages that are found as lists of rows. */
export function lengthOf(rows: readonly unknown[]): number {
  return rows.length;
}

function asFound<Found>(found: Found): Found {
  return found;
}

function pageText({ limit, after, before, inverted }: Page): string {
  return JSON.stringify([limit, after, before, inverted]);
}
