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
  /** Undefined if it has to be requested again. */
  show(found: Found): Shown | undefined;
}

export function one(): number {
  return 1;
}

export function pageRows({ limit }: Page): number {
  return limit;
}

/** For rows that contain a client's JSON and may be this many times as large as others: they are read in smaller portions. */
export function largeRows<Wanted>(times: number, rowsOf: (wanted: Wanted) => number) {
  return (wanted: Wanted) => times * rowsOf(wanted);
}

export function readOne<Wanted, Found, Shown>(
  { readQueue, caller, execution }: ReadContext,
  kind: ReadKind<Wanted, Found, Shown>,
  wanted: Wanted,
): Promise<Shown> {
  return readQueue.read(kind, caller.projectId, wanted, execution);
}

export function asFound<Found>(found: Found): Found {
  return found;
}

/** A text that identifies a page. */
export function pageText({ limit, after, before, inverted }: Page): string {
  return JSON.stringify([limit, after, before, inverted]);
}
