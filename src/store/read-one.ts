import type { ReadMany } from '../meter/read/read-path.js';
import { oneStep } from '../platform/steps.js';
import { type Placed, placed } from './placed.js';
import type { ReadClient, Row } from './read-client.js';

/** Single rows, each found by its key. */
export interface OneSql {
  readonly table: Placed | string;
  /** What is selected from `r`. */
  readonly columns: Placed | string;
  /** The parts of the key, by column and type. */
  readonly key: Readonly<Record<string, string>>;
  /** What else is known about what is wanted, by name and type; `w.name` in the columns. */
  readonly asked?: Readonly<Record<string, string>>;
  /** What else must hold for `r`; `true` if nothing does. */
  readonly where: string;
  /** Which rows belong to the project $1, where that is not in a column of its own. */
  readonly ofProject?: string;
}

/** What a key of `OneSql` is, and what a row becomes. */
export interface Keyed<Wanted, Found> {
  /** The parts of the key, and then what is asked. */
  readonly keyOf: (wanted: Wanted) => readonly (string | number)[];
  readonly from: (row: Row) => Found;
}

/** Reads many rows by key in one statement; null for those that the project does not have. */
export function rowsByKey<Wanted, Found>(
  client: ReadClient,
  { keyOf, from, ...sql }: OneSql & Keyed<Wanted, Found>,
): ReadMany<Wanted, Found | null> {
  const find = rowsOf(client, sql);
  return async (projectId, wanted) =>
    (await find(projectId, wanted.map(keyOf))).map((row) => oneStep(() => row && from(row)));
}

function rowsOf(client: ReadClient, sqlOfOne: OneSql) {
  const { table, columns, key, asked, where, ofProject = 'r.project_id = $1' } = sqlOfOne;
  const wanted = { ...key, ...asked };
  const names = Object.keys(wanted);
  const arrays = Object.values(wanted).map((type, n) => `$${n + 2}::${type}[]`);
  const found = Object.keys(key)
    .map((name) => `r.${name} = w.${name}`)
    .join(' AND ');
  const sql = placed`SELECT w.n, ${columns}
    FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS w(${names.join(', ')}, n)
    CROSS JOIN LATERAL (SELECT * FROM ${table} AS r WHERE ${found} OFFSET 0) AS r
    WHERE ${ofProject} AND ${where}`;
  return async (
    projectId: string,
    keys: readonly (readonly (string | number)[])[],
  ): Promise<(Row | null)[]> => {
    const rows: (Row | null)[] = keys.map(() => null);
    const parameters = names.map((_name, part) => keys.map((key) => key[part] ?? null));
    for (const [n, ...row] of await client.rows(sql, projectId, ...parameters)) {
      rows[Number(n) - 1] = row;
    }
    return rows;
  };
}
