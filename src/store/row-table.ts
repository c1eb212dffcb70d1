/** Rows of one kind on their way to PostgreSQL: one table of columns gives the SQL and the parameters. */
import { type Cell, Columns, joinJson, quoted } from './columns.js';

/** The types whose texts are of a form that needs no quotes in an array. */
type PlainType = 'bigint' | 'boolean' | 'integer' | 'numeric' | 'uuid' | 'ledger_kind';

/** A column of a parameter, and of the table that is written unless it says otherwise. */
export interface Column<Row> {
  readonly name: string;
  readonly type: PlainType | 'text' | 'json' | 'jsonb' | 'interval_unit';
  readonly cell: (row: Row) => Cell;
  /** What is written in place of the parameter `t.name`; null where only others' SQL uses it. */
  readonly sql?: string | null;
}

/** A column that is written from other parameters, or from `clock`. */
export interface Computed {
  readonly name: string;
  readonly sql: string;
}

/** Rows that belong to a customer, which they name by its ordinal in the commit. */
export interface RowTable<Row> {
  readonly columns: readonly (Column<Row> | Computed)[];
  /** The statement that writes `rows`, a FROM item called `t`, for the customers in `ok`. */
  readonly write: (rows: string, written: readonly Computed[]) => string;
  /**
   * Tells rows apart that are states of one thing: of those with the same key that one customer's commands write in one
   * commit, the last one counts.
   */
  readonly key?: (row: Row) => string;
}

/** Milliseconds since 1970 as a time. */
export const time = (ms: string) => `to_timestamp(${ms} / 1000.0)`;

/** Rows that are new. What `ON CONFLICT` says may follow. */
export const insertInto =
  (table: string, conflict = ''): RowTable<never>['write'] =>
  (rows, written) =>
    `INSERT INTO ${table} (customer_key, project_id, ${written.map(({ name }) => name).join(', ')})
  SELECT ok.customer_key, ok.project_id, ${written.map(({ sql }) => sql).join(', ')}
  FROM ${rows} JOIN ok ON ok.ordinal = t.ordinal CROSS JOIN clock${conflict}`;

/** Rows that are there, found by their `id`. */
export const update =
  (table: string): RowTable<never>['write'] =>
  (rows, written) =>
    `UPDATE ${table} AS r SET ${written.map(({ name, sql }) => `${name} = ${sql}`).join(', ')}
  FROM ${rows} JOIN ok ON ok.ordinal = t.ordinal
  WHERE r.customer_key = ok.customer_key AND r.id = t.id`;

/** The SQL of a table whose first parameter is the one after `from`, and what its parameters are. */
export function rowsSql<Row>({ columns, write }: RowTable<Row>, from: number): string {
  const parameters = columns.filter(isParameter);
  const inArrays = parameters.filter((column) => !isJoined(column));
  const joined = parameters.filter(isJoined);
  const ordered = [...inArrays, ...joined];
  const next = (index: number) => `$${from + index + 1}`;
  const arrays = [`${next(0)}::bigint[]`];
  for (const [index, { type }] of inArrays.entries()) arrays.push(`${next(index + 1)}::${type}[]`);
  const items = [
    `unnest(${arrays.join(', ')})`,
    ...joined.map((_, index) => `string_to_table(${next(arrays.length + index)}, E'\\x1f', '')`),
  ];
  const names = ['ordinal', ...ordered.map(({ name }) => name)];
  const rows = `ROWS FROM (${items.join(', ')}) AS t(${names.join(', ')})`;
  return write(rows, columns.flatMap(writtenOf));
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

/** Full of quotes, JSON would grow and take long in an array. */
function isJoined({ type }: { readonly type: string }): boolean {
  return type === 'json' || type === 'jsonb';
}

/** The rows of one kind, gathered column by column. */
export class RowColumns<Row> {
  readonly #columns: Columns;
  readonly #json: (string | null)[][];
  readonly #inArrays: readonly Column<Row>[];
  readonly #joined: readonly Column<Row>[];
  readonly #key: RowTable<Row>['key'];

  constructor({ columns, key }: RowTable<Row>) {
    const parameters = columns.filter(isParameter);
    this.#inArrays = parameters.filter((column) => !isJoined(column));
    this.#joined = parameters.filter(isJoined);
    this.#columns = new Columns(this.#inArrays.length + 1);
    this.#json = this.#joined.map(() => []);
    this.#key = key;
  }

  add(ordinal: number, rows: readonly Row[]): void {
    const key = this.#key;
    const last = key === undefined ? rows : new Map(rows.map((row) => [key(row), row])).values();
    for (const row of last) this.#addRow(ordinal, row);
  }

  #addRow(ordinal: number, row: Row): void {
    const cells: Cell[] = [ordinal];
    for (const { type, cell } of this.#inArrays) {
      const value = cell(row);
      cells.push(type === 'text' && typeof value === 'string' ? quoted(value) : value);
    }
    this.#columns.add(...cells);
    for (const [index, { cell }] of this.#joined.entries()) {
      const value = cell(row);
      this.#json[index]?.push(value === null ? null : String(value));
    }
  }

  parameters(): string[] {
    return [...this.#columns.arrays(), ...this.#json.map(joinJson)];
  }
}

/** How many parameters a table with these columns has. */
export function parameterCount(columns: readonly { readonly name: string }[]): number {
  return 1 + columns.filter((column) => 'cell' in column).length;
}
