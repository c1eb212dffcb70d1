import type pg from 'pg';

/** All tables, each after those that it refers to. */
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
];

export interface MovedTable {
  readonly name: string;
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
  readonly table: string;
  /** The place in the primary key. */
  readonly place: number | null;
}

const COLUMNS = `SELECT c.relname AS table, a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type, array_position(k.conkey, a.attnum) AS place
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.contype = 'p' AND k.conrelid = coalesce((
    SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid ORDER BY inhrelid LIMIT 1), c.oid)
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> '_prisma_migrations'
  ORDER BY c.relname, a.attnum`;

/** The tables of a database, in the order in which they can be filled. Throws if there is one that this release does not know. */
export async function readTables(client: pg.Client): Promise<MovedTable[]> {
  const { rows } = await client.query<ColumnRow>({ text: COLUMNS, values: [] });
  const names = new Set(rows.map(({ table }) => table));
  const unknown = [...names].find((name) => !ORDER.includes(name));
  if (unknown !== undefined) throw new Error(`the table ${unknown} has no place in the move`);
  return ORDER.filter((name) => names.has(name)).map((name) => {
    const columns = rows.filter(({ table }) => table === name);
    const key = columns
      .map(({ place }, index) => ({ place: place ?? 0, index }))
      .filter(({ place }) => place > 0)
      .toSorted((left, right) => left.place - right.place)
      .map(({ index }) => index);
    if (key.length === 0) throw new Error(`the table ${name} has no primary key`);
    return { name, columns, key };
  });
}

/** Which of these tables exist and have a row. */
export async function filledTables(
  client: pg.Client,
  tables: readonly MovedTable[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1)`,
    [tables.map(({ name }) => name)],
  );
  const existing = new Set(rows.map(({ name }) => name));
  const filled: string[] = [];
  for (const { name } of tables) {
    if (!existing.has(name)) continue;
    const found = await client.query(`SELECT FROM public.${name} LIMIT 1`);
    if (found.rowCount !== 0) filled.push(name);
  }
  return filled;
}
