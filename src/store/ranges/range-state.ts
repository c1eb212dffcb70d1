import type { Instant } from '../../domain/interval.js';
import { monthAfter, type RangedTable } from './ranged-tables.js';
import type { Range } from './read-ranges.js';

const DAY_MS = 86_400_000;

/** So many months ahead have a range of their own. */
const MONTHS_AHEAD = 2;

/** How the ranges of a table stand, or those of a table in several places. */
export interface RangesState {
  readonly table: RangedTable['name'];
  readonly count: number;
  /** When the last range begins, in the place where that is first; null if it has everything. */
  readonly lastStart: Instant | null;
  /** Whether there is nothing to do. */
  readonly isUpToDate: boolean;
}

export function rangesStateOf(
  table: RangedTable,
  ranges: readonly Range[],
  { now, olderThanDays }: { readonly now: Instant; readonly olderThanDays: number | null },
): RangesState {
  const last = ranges.at(-1);
  const due = olderThanDays === null ? [] : dueOf(ranges, now - olderThanDays * DAY_MS, table);
  return {
    table: table.name,
    count: ranges.length,
    lastStart: last?.from ?? null,
    isUpToDate: last !== undefined && isAhead(last, now) && due.length === 0,
  };
}

/** How each table stands in all places together, where what is worst counts. */
export function worstOf(states: readonly RangesState[]): readonly RangesState[] {
  const worst = new Map<RangesState['table'], RangesState>();
  for (const state of states) {
    const other = worst.get(state.table);
    worst.set(state.table, other === undefined ? state : worse(other, state));
  }
  return [...worst.values()];
}

function worse(one: RangesState, other: RangesState): RangesState {
  const never = one.lastStart === null || other.lastStart === null;
  return {
    table: one.table,
    count: one.count + other.count,
    lastStart: never ? null : Math.min(Number(one.lastStart), Number(other.lastStart)),
    isUpToDate: one.isUpToDate && other.isUpToDate,
  };
}

/** Whether the last range begins late enough, so that the coming months have ranges of their own. */
export function isAhead({ from, closing }: Range, now: Instant): boolean {
  return closing === null && from !== null && from >= monthAfter(now, MONTHS_AHEAD);
}

/** The ranges that have nothing since that time. What is left by an earlier exchange would only be exchanged for itself. */
export function dueOf(
  ranges: readonly Range[],
  before: Instant,
  table: RangedTable,
): readonly Range[] {
  const due = ranges.filter(({ to }) => to !== null && to <= before);
  const isDone = due.length === 1 && due[0]?.name.startsWith(`${table.name}_before_`);
  return isDone ? [] : due;
}
