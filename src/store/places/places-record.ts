/**
 * How many places a database has is recorded as a migration if there are several: every start reads those, and an earlier release refuses
 * to go on with one that it does not know.
 */
import type pg from 'pg';

const START = 'places_';

/** Whether a recorded migration is none, for SQL. */
export const IS_PLACES_RECORD = `migration_name ~ '^${START}[0-9]+$'`;

export async function readPlaces(client: Pick<pg.Client, 'query'>): Promise<number> {
  const { rows } = await client.query<{ name: string }>({
    text: `SELECT migration_name AS name FROM public._prisma_migrations WHERE ${IS_PLACES_RECORD}`,
    values: [],
  });
  return Number(rows[0]?.name.slice(START.length) ?? 1);
}

/** The name under which so many are recorded. */
export function placesRecord(places: number): string {
  return `${START}${places}`;
}
