/** Whether a copy has what the place has, row by row, as far as there is time for that while both are closed. */
import type pg from 'pg';
import { sqlStateOf } from '../failure.js';
import { type Copying, tablesOf } from './place-copy.js';

/** How long all of it may take. */
const COMPARE_MAX_MS = 800;

/** The texts of rows are compared by the sum of their hashes. */
const sumOf = (
  table: string,
) => `SELECT count(*)::text || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS found
  FROM ${table} AS t`;

/** The tables that can be compared in time, found out while calls go on: those that take the shortest. */
export async function comparable(copying: Copying): Promise<readonly string[]> {
  const measured: { readonly table: string; readonly ms: number }[] = [];
  for (const table of tablesOf(copying.place)) {
    const began = performance.now();
    const sums = await bothSums(copying, table, COMPARE_MAX_MS);
    if (sums !== null) measured.push({ table, ms: performance.now() - began });
  }
  const chosen: string[] = [];
  let sumMs = 0;
  for (const { table, ms } of measured.toSorted((one, other) => one.ms - other.ms)) {
    sumMs += ms;
    if (sumMs <= COMPARE_MAX_MS) chosen.push(table);
  }
  return chosen;
}

/** The first of these tables that differs; null if none does. One that takes longer than expected is not compared. */
export async function difference(
  copying: Copying,
  tables: readonly string[],
): Promise<string | null> {
  for (const table of tables) {
    const sums = await bothSums(copying, table, 2 * COMPARE_MAX_MS);
    if (sums !== null && sums[0] !== sums[1]) {
      return `${table} has ${sums[0]} where it is, and ${sums[1]} in the copy`;
    }
  }
  return null;
}

/** Null if either takes too long. */
async function bothSums(
  { source, target }: Copying,
  table: string,
  maxMs: number,
): Promise<readonly [string, string] | null> {
  const [one, other] = await Promise.all([
    sumIn(source.client, table, maxMs),
    sumIn(target.client, table, maxMs),
  ]);
  return one === null || other === null ? null : [one, other];
}

const TIMED_OUT = '57014';

async function sumIn(client: pg.Client, table: string, maxMs: number): Promise<string | null> {
  await client.query(`SET statement_timeout = ${maxMs}`);
  try {
    const { rows } = await client.query<{ found: string }>(sumOf(table));
    return rows[0]?.found ?? null;
  } catch (error) {
    if (sqlStateOf(error) !== TIMED_OUT) throw error;
    return null;
  } finally {
    await client.query('SET statement_timeout = 0');
  }
}
