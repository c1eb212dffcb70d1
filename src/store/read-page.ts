import type { Page, ReadMany } from '../meter/read/read-path.js';
import { ID_BOUNDS } from './codec.js';
import { type Placed, placed } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsInSteps } from './rows-in-steps.js';

/** A kind of list: a range of keys in a table. */
export interface PageSql {
  readonly table: Placed | string;
  /** What is selected from `r`, the row. */
  readonly columns: Placed | string;
  /** The column by which a list is ordered, and its type. */
  readonly key: string;
  readonly keyType: string;
  /** Keys before and after all others. */
  readonly bounds: readonly [lowest: string, highest: string];
  /** Whether a list begins with the largest key. */
  readonly descending: boolean;
  /** What identifies a list, by name and type; `w.name` in the conditions. */
  readonly lists: Readonly<Record<string, string>>;
  /** Which rows `r` are in the list, by the leading columns of an index on the key. $1 is the project's id. */
  readonly where: string;
  /** Which of them are wanted, where no index helps; null for all. */
  readonly filter: string | null;
}

export interface WantedPage {
  readonly page: Page;
  /** The values of `lists`, in their order. */
  readonly list: readonly (string | null)[];
}

export interface PageRows {
  readonly rows: Row[];
  /** The key at which the search was stopped before the page was full; null if it was not. */
  stoppedAt: string | null;
}

/** Lists in the order of their ids. */
export const BY_ID = {
  key: 'id',
  keyType: 'text',
  bounds: ID_BOUNDS,
  descending: false,
  filter: null,
} as const;

/** The only list of its kind that a project has. */
export const OF_PROJECT = {
  ...BY_ID,
  lists: {},
  listOf: () => [],
  where: 'r.project_id = $1',
} as const;

/** Which list a page is of, and what a row becomes. */
export interface Listed<Wanted, Found> {
  readonly listOf: (page: Wanted) => WantedPage['list'];
  readonly from: (row: Row) => Found;
}

/** Rows that are examined for one page, if no index tells which of them are wanted. */
export const SCANNED_MAX = 10_000;

/** Pages of lists that are wanted whole. */
export function rowsByPage<Wanted extends Page, Found>(
  client: ReadClient,
  { listOf, from, ...sql }: PageSql & Listed<Wanted, Found>,
): ReadMany<Wanted, readonly Found[]> {
  const list = pagesOf(client, sql);
  return async (projectId, wanted) => {
    const pages = wanted.map((page) => ({ page, list: listOf(page) }));
    return (await list(projectId, pages)).map(({ rows }) => rowsInSteps(rows, from));
  };
}

/** Reads pages of many lists at once, in a constant number of statements in which each page is a separate index scan. */
export function pagesOf(client: ReadClient, sql: PageSql) {
  const forward = direction(sql, sql.descending);
  const backward = direction(sql, !sql.descending);
  return async (projectId: string, wanted: readonly WantedPage[]): Promise<PageRows[]> => {
    const found = wanted.map((one) => ({ ...one, rows: [], stoppedAt: null }));
    const inverted = found.filter(({ page }) => page.inverted);
    const others = found.filter(({ page }) => !page.inverted);
    await Promise.all([
      readPages(client, sql, forward, projectId, others),
      readPages(client, sql, backward, projectId, inverted),
    ]);
    return found;
  };
}

type Found = WantedPage & PageRows;

async function readPages(
  client: ReadClient,
  sql: PageSql,
  { select, end }: Direction,
  projectId: string,
  pages: readonly Found[],
): Promise<void> {
  if (pages.length === 0) return;
  const parameters = parametersOf(sql, pages);
  for (const [n, ...row] of await client.rows(select, projectId, ...parameters)) {
    pages[Number(n) - 1]?.rows.push(row);
  }
  if (sql.filter === null) return;
  const short = pages.filter(({ rows, page }) => rows.length < page.limit);
  if (short.length === 0) return;
  for (const [n, key] of await client.rows(end, projectId, ...parametersOf(sql, short))) {
    const page = short[Number(n) - 1];
    if (page !== undefined) page.stoppedAt = key ?? null;
  }
}

interface Direction {
  readonly select: Placed;
  /** The last of the rows that are examined for each page; none if the list ends before. */
  readonly end: Placed;
}

function direction(sql: PageSql, descending: boolean): Direction {
  const { table, columns, key, keyType, lists, where, filter } = sql;
  const names = [...Object.keys(lists), 'above', 'below', 'size'];
  const types = [...Object.values(lists), keyType, keyType, 'integer'];
  const arrays = types.map((type, n) => `$${n + 2}::${type}[]`);
  const from = `FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS w(${names.join(', ')}, n)`;
  const order = `ORDER BY r.${key} ${descending ? 'DESC' : 'ASC'}`;
  const range = placed`FROM ${table} AS r WHERE ${where} AND r.${key} > w.above AND r.${key} < w.below`;
  const scan =
    filter === null
      ? placed`SELECT * ${range} ${order} LIMIT w.size`
      : placed`SELECT * FROM (SELECT * ${range} ${order} LIMIT ${SCANNED_MAX}) AS r
          WHERE ${filter} ${order} LIMIT w.size`;
  return {
    select: placed`SELECT w.n, ${columns} ${from} CROSS JOIN LATERAL (${scan}) AS r ORDER BY w.n, r.${key} ${
      descending ? 'DESC' : 'ASC'
    }`,
    end: placed`SELECT w.n, r.${key} ${from} CROSS JOIN LATERAL (
      SELECT r.${key} ${range} ${order} OFFSET ${SCANNED_MAX - 1} LIMIT 1) AS r`,
  };
}

function parametersOf(sql: PageSql, wanted: readonly WantedPage[]) {
  const [lowest, highest] = sql.bounds;
  const from = ({ page: { after, before } }: WantedPage) => (sql.descending ? before : after);
  const to = ({ page: { after, before } }: WantedPage) => (sql.descending ? after : before);
  return [
    ...Object.keys(sql.lists).map((_name, n) => wanted.map(({ list }) => list[n] ?? null)),
    wanted.map((one) => from(one) ?? lowest),
    wanted.map((one) => to(one) ?? highest),
    wanted.map(({ page }) => page.limit),
  ];
}
