import type pg from 'pg';
import { sqlName, type TableName, toldName } from '../checks/table-names.js';
import type { Place } from '../placed.js';
import { LET_GO_NAMES } from '../ranges/ranged-tables.js';

/** All tables, each after those that it refers to. Those of customers are in every place. */
const ORDER = [
  'projects',
  'api_keys',
  'features',
  'credit_costs',
  'removed_features',
  'customers',
  'entities',
  'balances',
  'events',
  'event_voids',
  'ledger_entries',
  'reservations',
  'idempotency_keys',
  // Empty where a move begins.
  'servers',
  'places',
];

export interface MovedTable extends TableName {
  readonly columns: readonly MovedColumn[];
  /** Indexes of the columns of the primary key, in its order; of a table in ranges, it is that of each range. */
  readonly key: readonly number[];
}

export interface MovedColumn {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
}

interface ColumnRow extends MovedColumn {
  readonly place: string;
  readonly table: string;
  /** In the primary key. */
  readonly position: number | null;
}

const COLUMNS = `SELECT n.nspname AS place, c.relname AS table, a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type, array_position(k.conkey, a.attnum) AS position
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.contype = 'p' AND k.conrelid = coalesce((
    SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid ORDER BY inhrelid LIMIT 1), c.oid)
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> '_prisma_migrations' AND c.relname !~ ${LET_GO_NAMES}
  ORDER BY c.relname, a.attnum`;

/** The tables of a database, in the order in which they can be filled. Throws if there is one that this release does not know. */
export async function readTables(
  client: pg.Client,
  places: readonly Place[],
): Promise<MovedTable[]> {
  const { rows } = await client.query<ColumnRow>({ text: COLUMNS, values: [places] });
  const names = new Set(rows.map(({ table }) => table));
  const unknown = [...names].find((name) => !ORDER.includes(name));
  if (unknown !== undefined) throw new Error(`the table ${unknown} has no place in the move`);
  return ORDER.flatMap((name) => {
    const ofAll = rows.filter(({ table }) => table === name);
    return places.flatMap((place) => {
      const columns = ofAll.filter((column) => column.place === place);
      return columns.length === 0 ? [] : [{ place, name, columns, key: keyOf(columns, name) }];
    });
  });
}

const LET_GO = `SELECT schemaname AS place, tablename AS name FROM pg_tables
  WHERE schemaname = ANY ($1) AND tablename ~ ${LET_GO_NAMES} ORDER BY 1, 2`;

/** The names of ranges that were let go and kept: they are no part of any table, and stay where they are. */
export async function readLetGo(client: pg.Client, places: readonly Place[]): Promise<string[]> {
  const { rows } = await client.query<TableName>({ text: LET_GO, values: [places] });
  return rows.map(toldName);
}

function keyOf(columns: readonly ColumnRow[], name: string): number[] {
  const key = columns
    .map(({ position }, index) => ({ position: position ?? 0, index }))
    .filter(({ position }) => position > 0)
    .toSorted((left, right) => left.position - right.position)
    .map(({ index }) => index);
  if (key.length === 0) throw new Error(`the table ${name} has no primary key`);
  return key;
}

/** Which of these tables exist and have a row. */
export async function filledTables(
  client: pg.Client,
  tables: readonly MovedTable[],
): Promise<string[]> {
  const { rows } = await client.query<TableName>({
    text: 'SELECT schemaname AS place, tablename AS name FROM pg_tables WHERE tablename = ANY ($1)',
    values: [tables.map(({ name }) => name)],
  });
  const existing = new Set(rows.map(toldName));
  const filled: string[] = [];
  for (const table of tables) {
    if (!existing.has(toldName(table))) continue;
    const found = await client.query(`SELECT FROM ${sqlName(table)} LIMIT 1`);
    if (found.rowCount !== 0) filled.push(toldName(table));
  }
  return filled;
}
