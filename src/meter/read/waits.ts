/** Reads of one kind and project that wait for their statement. */
import type { CarryingBatch } from '../write/carrying-batch.js';
import type { ReadKind } from './read-kind.js';

/** The requester of a read, who may abandon it before its statement begins. */
export interface Asker {
  /** Why nothing is needed any more. */
  readonly stopped: Error | null;
  /** Told which batch carries a command that was submitted for it. */
  carriedBy?(batch: CarryingBatch): void;
  /** Told what each read cost that was made for it, if it wants to know: a statement's lookup and its rows. */
  addRead?(cost: number): void;
}

/** Of any type: `read` puts in, and hands out, what belongs to one kind. */
export interface Wait {
  readonly text: string;
  readonly wanted: unknown;
  readonly since: number;
  readonly asker: Asker;
  resolve(shown: unknown): void;
  reject(error: unknown): void;
}

export type AnyKind = ReadKind<unknown, unknown, unknown>;

/** Reads with the same text, of which one is made. */
export type SameReads = readonly [Wait, ...Wait[]];

export function sameReads(batch: readonly Wait[]): SameReads[] {
  const groups = new Map<string, [Wait, ...Wait[]]>();
  for (const wait of batch) {
    const others = groups.get(wait.text);
    if (others === undefined) groups.set(wait.text, [wait]);
    else others.push(wait);
  }
  return [...groups.values()];
}

/** Of a statement, what each thing that is looked up costs, besides the rows that are found. */
export const LOOKUP = 1;

/** Tells each requester what the read cost; one that requested it several times is told once. */
export function tellCost(same: SameReads, cost: number): void {
  const [{ asker }, ...others] = same;
  asker.addRead?.(cost);
  if (others.length === 0) return;
  const told = new Set([asker]);
  for (const { asker: other } of others) {
    if (!told.has(other)) other.addRead?.(cost);
    told.add(other);
  }
}

/** Rows that one statement requests, unless a single item has more. */
const STATEMENT_ROWS_MAX = 5_000;

/** How many of the first ones make a statement. */
export function countFor(waits: readonly Wait[], kind: AnyKind): number {
  const texts = new Set<string>();
  let rows = 0;
  let count = 0;
  for (const { text, wanted } of waits) {
    if (!texts.has(text)) rows += kind.rowsOf(wanted);
    if (rows > STATEMENT_ROWS_MAX && count > 0) break;
    texts.add(text);
    count += 1;
  }
  return count;
}

/** Those that are still needed; the others are rejected with the reason. */
export function stillWanted(batch: readonly Wait[]): readonly Wait[] {
  if (batch.every(({ asker }) => asker.stopped === null)) return batch;
  return batch.filter(({ asker, reject }) => {
    if (asker.stopped !== null) reject(asker.stopped);
    return asker.stopped === null;
  });
}
