/** Rows as texts: every type has one that gives the same value on any server. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { sqlName } from '../checks/table-names.js';
import type { MovedTable } from './moved-tables.js';

export type TextRow = readonly (string | null)[];

/** What is in memory at once: so many rows, or so many bytes of them, whichever is less; but at least one row. */
export const PAGE_ROWS = 2_000;
export const PAGE_BYTES = 8 * 2 ** 20;

/** All rows of a table in the order of its primary key, page by page. */
export async function* pagesOf(
  client: pg.Client,
  table: MovedTable,
): AsyncGenerator<readonly TextRow[]> {
  let after: TextRow | null = null;
  for (;;) {
    const page: pg.QueryArrayConfig = {
      text: pageAfter(table, after !== null),
      values: after === null ? [] : keyOf(table, after),
      rowMode: 'array',
    };
    const { rows } = await client.query<(string | null)[]>(page);
    const last: TextRow | undefined = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last;
  }
}

function keyOf({ key }: MovedTable, row: TextRow): (string | null)[] {
  return key.map((index) => row[index] ?? null);
}

function pageAfter(table: MovedTable, isLater: boolean): string {
  const { columns, key } = table;
  const keys = key.flatMap((index) => columns[index] ?? []);
  const order = keys.map(({ name }) => name).join(', ');
  const bounds = keys.map(({ type }, index) => `$${index + 1}::${type}`).join(', ');
  return `SELECT ${columns.map(({ name }) => `${name}::text`).join(', ')} FROM (
    SELECT page.*, row_number() OVER sofar AS page_row, sum(octet_length(page::text)) OVER sofar AS page_bytes
    FROM (SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${sqlName(table)}
      ${isLater ? `WHERE (${order}) > (${bounds})` : ''} ORDER BY ${order} LIMIT ${PAGE_ROWS}) AS page
    WINDOW sofar AS (ORDER BY ${order})
  ) AS weighed WHERE page_row = 1 OR page_bytes <= ${PAGE_BYTES} ORDER BY page_row`;
}

export async function insertRows(
  client: pg.Client,
  table: MovedTable,
  rows: readonly TextRow[],
): Promise<void> {
  const { columns } = table;
  const cells = columns.map(({ type }, index) => `c${index}::${type}`);
  const parameters = columns.map((_, index) => `$${index + 1}::text[]`);
  const aliases = columns.map((_, index) => `c${index}`);
  await client.query(
    `INSERT INTO ${sqlName(table)} (${columns.map(({ name }) => name).join(', ')})
    SELECT ${cells.join(', ')} FROM unnest(${parameters.join(', ')}) AS r(${aliases.join(', ')})`,
    columns.map((_, index) => rows.map((row) => row[index] ?? null)),
  );
}

/** How many rows a table has, and a sum over all of them, in whatever order, that another content would not have. */
export interface TableSum {
  readonly rows: number;
  readonly digest: bigint;
}

/** Neither is in any text that we store. */
const BETWEEN = '\x1f';
const NULL = '\x1e';

/** Adds rows up as `sumOf` does in SQL. */
export function addedUp(sum: TableSum, rows: readonly TextRow[]): TableSum {
  let { digest } = sum;
  for (const row of rows) digest += digestOf(row);
  return { rows: sum.rows + rows.length, digest };
}

function digestOf(row: TextRow): bigint {
  const text = row.map((cell) => cell ?? NULL).join(BETWEEN);
  return createHash('sha256').update(text, 'utf8').digest().readBigInt64BE();
}

/** By the server, of what it has stored. */
export async function sumOf(client: pg.Client, table: MovedTable): Promise<TableSum> {
  const cells = table.columns.map(({ name }) => `${name}::text`).join(', ');
  const text = `array_to_string(ARRAY[${cells}], E'\\x1f', E'\\x1e')`;
  const hex = `encode(substring(sha256(convert_to(${text}, 'UTF8')) FROM 1 FOR 8), 'hex')`;
  const { rows } = await client.query<{ rows: string; digest: string }>({
    text: `SELECT count(*)::text AS rows,
      coalesce(sum(('x' || ${hex})::bit(64)::bigint), 0)::text AS digest FROM ${sqlName(table)}`,
    values: [],
  });
  return { rows: Number(rows[0]?.rows), digest: BigInt(rows[0]?.digest ?? 0) };
}
