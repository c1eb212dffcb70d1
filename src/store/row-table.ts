/** Rows of one kind to be written: one table of columns yields the SQL and the parameters. */
import { arrayText, type Cell, joinJson, NULL, quoted } from './columns.js';
import { type CustomerTable, type Placed, placed, table as tableOf } from './placed.js';

/** The types whose texts need no quotes in an array. */
type PlainType = 'bigint' | 'boolean' | 'integer' | 'numeric' | 'uuid' | 'ledger_kind';

/** A column of a parameter, and by default also of the table that is written. */
export interface Column<Row> {
  readonly name: string;
  readonly type: PlainType | 'text' | 'json' | 'jsonb' | 'interval_unit';
  readonly cell: (row: Row) => Cell;
  /** What is written in place of the parameter `t.name`; null if only the SQL of other columns uses it. */
  readonly sql?: string | null;
}

/** A column that is computed from other parameters, or from `clock`. */
export interface Computed {
  readonly name: string;
  readonly sql: string;
}

/** How rows of one kind are written. Each belongs to a customer, which it identifies by its ordinal in the commit. */
export interface RowTableOptions<Row> {
  readonly columns: readonly (Column<Row> | Computed)[];
  /** The statement that writes `rows`, a FROM item called `t`, for the customers in `ok`. */
  readonly write: (rows: string, written: readonly Computed[]) => Placed;
  /**
   * Identifies rows that are states of the same thing: of those with the same key that one customer's commands write in one
   * commit, the last one counts.
   */
  readonly key?: (row: Row) => string;
}

/** The same, with its parameters in the order in which they are sent. */
export interface RowTable<Row> extends RowTableOptions<Row> {
  readonly arrays: readonly Column<Row>[];
  /** JSON, which is full of quotes and would grow and take long in an array. */
  readonly joined: readonly Column<Row>[];
}

export function rowTable<Row>(options: RowTableOptions<Row>): RowTable<Row> {
  const parameters = options.columns.filter(isParameter);
  const arrays = parameters.filter((column) => !isJoined(column)).map(withQuotes);
  return { ...options, arrays, joined: parameters.filter(isJoined) };
}

function withQuotes<Row>(column: Column<Row>): Column<Row> {
  const { type, cell } = column;
  return type === 'text' ? { ...column, cell: (row) => quotedCell(cell(row)) } : column;
}

function quotedCell(cell: Cell): Cell {
  return typeof cell === 'string' ? quoted(cell) : cell;
}

/** Milliseconds since 1970 as a time. */
export const time = (ms: string) => `to_timestamp(${ms} / 1000.0)`;

/** A column of a number of milliseconds, stored as a time. */
export function instant<Row>(name: string, cell: (row: Row) => number | null): Column<Row> {
  return { name, type: 'bigint', cell, sql: time(`t.${name}`) };
}

/** Inserts rows. An `ON CONFLICT` clause may follow. */
export const insertInto =
  (table: CustomerTable, conflict = ''): RowTableOptions<never>['write'] =>
  (rows, written) =>
    placed`INSERT INTO ${tableOf(table)} (customer_key, project_id, ${written.map(({ name }) => name).join(', ')})
  SELECT ok.customer_key, ok.project_id, ${written.map(({ sql }) => sql).join(', ')}
  FROM ${rows} JOIN ok ON ok.ordinal = t.ordinal CROSS JOIN clock${conflict}`;

/**
 * Updates rows, found by their `id`. Each is looked up by its whole key, one by one (`OFFSET 0` keeps it so): a plan is kept while
 * the table grows, and what joins well with ten rows reads all of a million.
 */
export const update =
  (table: CustomerTable): RowTableOptions<never>['write'] =>
  (rows, written) =>
    placed`UPDATE ${tableOf(table)} AS r SET ${written.map(({ name, sql }) => `${name} = ${sql}`).join(', ')}
  FROM ${rows} JOIN ok ON ok.ordinal = t.ordinal
  CROSS JOIN LATERAL (SELECT f.ctid FROM ${tableOf(table)} AS f WHERE f.customer_key = ok.customer_key AND f.id = t.id OFFSET 0) AS found
  WHERE r.ctid = found.ctid`;

/** The SQL of a table whose first parameter is the one after `from`. */
export function rowsSql<Row>(table: RowTable<Row>, from: number): Placed {
  const { columns, arrays, joined, write } = table;
  const parameter = (index: number) => `$${from + index + 1}`;
  const types = ['bigint', ...arrays.map(({ type }) => type)];
  const items = [
    `unnest(${types.map((type, index) => `${parameter(index)}::${type}[]`).join(', ')})`,
    ...joined.map(
      (_, index) => `string_to_table(${parameter(types.length + index)}, E'\\x1f', '')`,
    ),
  ];
  const names = ['ordinal', ...[...arrays, ...joined].map(({ name }) => name)];
  return write(
    `ROWS FROM (${items.join(', ')}) AS t(${names.join(', ')})`,
    columns.flatMap(writtenOf),
  );
}

/** The number of its parameters. */
export function parameterCount(table: Pick<RowTable<never>, 'arrays' | 'joined'>): number {
  return 1 + table.arrays.length + table.joined.length;
}

function writtenOf<Row>(column: Column<Row> | Computed): Computed[] {
  const { name, sql } = column;
  if (sql === null) return [];
  if (sql !== undefined) return [{ name, sql }];
  const cast = isParameter(column) && isJoined(column) ? `::${column.type}` : '';
  return [{ name, sql: `t.${name}${cast}` }];
}

function isParameter<Row>(column: Column<Row> | Computed): column is Column<Row> {
  return 'cell' in column;
}

function isJoined({ type }: { readonly type: string }): boolean {
  return type === 'json' || type === 'jsonb';
}

/** The rows of one kind, collected column by column. */
export class RowColumns<Row> {
  readonly #table: RowTable<Row>;
  readonly #ordinals: number[] = [];
  readonly #arrays: readonly Cell[][];
  readonly #joined: readonly Cell[][];

  constructor(table: RowTable<Row>) {
    this.#table = table;
    this.#arrays = table.arrays.map(() => []);
    this.#joined = table.joined.map(() => []);
  }

  add(ordinal: number, rows: readonly Row[]): void {
    const { arrays, joined, key } = this.#table;
    for (const row of key === undefined ? rows : lastOfEach(rows, key)) {
      this.#ordinals.push(ordinal);
      push(row, arrays, this.#arrays, NULL);
      push(row, joined, this.#joined, null);
    }
  }

  parameters(): string[] {
    return [
      arrayText(this.#ordinals),
      ...this.#arrays.map(arrayText),
      ...this.#joined.map(joinJson),
    ];
  }
}

/** Of the rows with one key, the last. */
function lastOfEach<Row>(rows: readonly Row[], key: (row: Row) => string): Iterable<Row> {
  if (rows.length < 2) return rows;
  return new Map(rows.map((row) => [key(row), row])).values();
}

/** By index, because every row passes here and an iterator takes several times as long. */
function push<Row>(
  row: Row,
  columns: readonly Column<Row>[],
  lists: readonly Cell[][],
  missing: Cell,
): void {
  for (let index = 0; index < columns.length; index += 1) {
    lists[index]?.push(columns[index]?.cell(row) ?? missing);
  }
}
