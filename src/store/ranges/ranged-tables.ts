import type { Instant } from '../../domain/interval.js';
import { uuidOf } from '../../platform/id.js';
import { PLACE_0, type Place } from '../placed.js';

/** A table that grows without end, and is kept in ranges of time. */
export interface RangedTable {
  readonly name: 'events' | 'ledger_entries';
  /** Where it is, with its ranges. */
  readonly schema: Place;
  /** The column by which its rows are in ranges. */
  readonly key: string;
  /** A time as a value of that column, for SQL. */
  literal(time: Instant): string;
  /** What a range, which is named with its schema, has that it does not get from the table. */
  statements(range: string): readonly string[];
  /** The rows that stay when everything before a time is let go. */
  kept(old: string, columns: string, before: Instant): string;
  /** Those of them that can have come since they were looked for; null if there cannot be any. */
  late(old: string, columns: string, before: Instant): string | null;
}

export type TableName = Pick<RangedTable, 'name' | 'schema'>;

type Kind = Omit<RangedTable, 'schema'>;

/** Those that were recorded later than they occurred: a retry may need them, and who recorded them may undo them. */
const recordedSince = (old: string, columns: string, before: Instant) =>
  `SELECT ${columns} FROM ${old} WHERE recorded_at >= '${new Date(before).toISOString()}'::timestamptz`;

/** An id begins with the time at which its event occurred. */
const EVENTS: Kind = {
  name: 'events',
  key: 'id',
  literal: (time) => `'${uuidOf(time, '0'.repeat(20))}'::uuid`,
  statements: (range) => [appendOnly('events', range, 'DELETE OR TRUNCATE')],
  kept: recordedSince,
  late: recordedSince,
};

const LEDGER_ENTRIES: Kind = {
  name: 'ledger_entries',
  key: 'recorded_at',
  literal: (time) => `'${new Date(time).toISOString()}'::timestamptz`,
  statements: (range) => [
    `ALTER TABLE ${range} ADD PRIMARY KEY (customer_key, balance_id, seq),
      ADD CONSTRAINT ledger_entries_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
      ADD CONSTRAINT ledger_entries_actor_check CHECK (char_length(actor) BETWEEN 1 AND 255)`,
    appendOnly('ledger_entries', range, 'UPDATE OR DELETE OR TRUNCATE'),
  ],
  // The last one of each balance: what stood after it is what the later ones begin with. In the order of the primary keys, so that nothing is sorted.
  kept: (old, columns) =>
    `SELECT DISTINCT ON (customer_key, balance_id) ${columns} FROM ${old}
      ORDER BY customer_key DESC, balance_id DESC, seq DESC`,
  // An entry is recorded at the time of its commit.
  late: () => null,
};

/** Those of a place. */
export function rangedTables(schema: Place): readonly RangedTable[] {
  return [EVENTS, LEDGER_ENTRIES].map((kind) => ({ ...kind, schema }));
}

/** The table, or a range of it, with the schema. */
export function qualified({ schema, name }: TableName, range: string = name): string {
  return `${schema}.${range}`;
}

/** The same for people, who know `public` without its being named. */
export function toldName(table: TableName, range: string = table.name): string {
  return table.schema === PLACE_0 ? range : qualified(table, range);
}

/** What the name of a range begins with once it is no part of its table any more. */
export const LET_GO = 'let_go_';

/** The names of such tables, for SQL. */
export const LET_GO_NAMES = `'^${LET_GO}(events|ledger_entries)_(first|before|from)'`;

/** A trigger for statements applies only to the table that they name, and ranges can be named. */
function appendOnly(table: string, range: string, changes: string): string {
  return `CREATE TRIGGER ${table}_append_only BEFORE ${changes} ON ${range}
    FOR EACH STATEMENT EXECUTE FUNCTION public.tollgate_refuse_change()`;
}

/** The beginning of a month, in UTC, so many months after that of a time. */
export function monthAfter(time: Instant, months: number): Instant {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** As names of ranges have it. */
export function monthOf(time: Instant): string {
  return new Date(time).toISOString().slice(0, 7).replace('-', '_');
}
