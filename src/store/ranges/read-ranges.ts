import type { Instant } from '../../domain/interval.js';
import type { RangeClient } from './range-session.js';
import { qualified, type TableName } from './ranged-tables.js';

/** A range of a table. */
export interface Range {
  readonly name: string;
  /** Null if it has everything before its end. */
  readonly from: Instant | null;
  /** Null if it has everything from its beginning on. */
  readonly to: Instant | null;
  /** Where it is being closed; null if it is not. */
  readonly closing: { readonly at: Instant; readonly isValid: boolean } | null;
}

/** The name of the constraint with which a range is closed. */
export const CLOSING = 'range_closing';

const RANGES = (
  table: string,
) => `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
    k.convalidated AS "isValid", pg_get_constraintdef(k.oid) AS closing
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.conname = '${CLOSING}'
  WHERE inhparent = '${table}'::regclass`;

interface RangeRow {
  readonly name: string;
  readonly bound: string;
  readonly isValid: boolean | null;
  readonly closing: string | null;
}

/** The ranges of a table, oldest first. Together, they have a place for every row, whatever its time. */
export async function readRanges(client: RangeClient, table: TableName): Promise<Range[]> {
  const { rows } = await client.query<RangeRow>(RANGES(qualified(table)));
  return rows.map(rangeOf).toSorted((left, right) => startOf(left) - startOf(right));
}

function startOf({ from }: Range): number {
  return from ?? Number.NEGATIVE_INFINITY;
}

const BOUND = /^FOR VALUES FROM \((.+)\) TO \((.+)\)$/;

function rangeOf({ name, bound, isValid, closing }: RangeRow): Range {
  const [, from, to] = BOUND.exec(bound) ?? [];
  return {
    name,
    from: timeIn(from),
    to: timeIn(to),
    closing: closing === null ? null : closingOf(closing, isValid === true),
  };
}

/** Its last value is the end. */
function closingOf(definition: string, isValid: boolean): Range['closing'] {
  const at = timeIn(definition.match(/'[^']+'/g)?.at(-1));
  return at === null ? null : { at, isValid };
}

/** The time of a value as PostgreSQL writes it: an id, or a time in UTC. Null for MINVALUE and MAXVALUE. */
function timeIn(value: string | undefined): Instant | null {
  const text = /'([^']+)'/.exec(value ?? '')?.[1];
  if (text === undefined) return null;
  const digits = text.replaceAll('-', '');
  if (/^[\da-f]{32}$/.test(digits)) return Number.parseInt(digits.slice(0, 12), 16);
  return Date.parse(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
}
