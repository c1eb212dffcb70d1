import { present } from '../domain/assert.js';
import { Prisma } from '../generated/prisma/client.js';

/** The database's clock as a timestamp in whole milliseconds, shifted by the tests' offset. */
export function nowPlus(offsetMs: number): Prisma.Sql {
  return Prisma.sql`(date_trunc('milliseconds', clock_timestamp())
    + ${offsetMs}::float8 * interval '1 millisecond')`;
}

/** Texts before and after all ids that callers choose, which are printable ASCII and compared byte for byte. */
export const ID_BOUNDS = ['', '\u007f'] as const;

/** Texts before and after all UUIDs. */
export const UUID_BOUNDS = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
] as const;

/** The column is NOT NULL, or the statement guarantees it. */
export function textOf(cell: string | null | undefined): string {
  return present(cell ?? null, 'a column that is never null');
}

/** Milliseconds since 1970 or a count: `ms` and integers, as PostgreSQL writes them. */
export function numberOf(cell: string | null | undefined): number {
  return Number(textOf(cell));
}
