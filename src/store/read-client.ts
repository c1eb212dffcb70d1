import type pg from 'pg';
import type { ClosedWait } from './closed-wait.js';
import type { Place, Placed } from './placed.js';
import { retryingRead } from './retry.js';

/** A row's columns, in the order of the statement, as PostgreSQL writes them. */
export type Row = readonly (string | null)[];

type Parameter = string | readonly (string | number | null)[] | number;

/** Runs the statements of the read path in one place. */
export interface ReadClient {
  /** In a place, the text is a constant, so that it is prepared once per connection. */
  rows(sql: Placed, ...parameters: readonly Parameter[]): Promise<readonly Row[]>;
}

/**
 * Through pg itself, row by row: through Prisma a row takes Node twice as long, and assembled as JSON it takes PostgreSQL twice
 * as long. Besides, rows that arrive one after the other are read one after the other, not in one turn of the event loop.
 */
export function readClient(pool: pg.Pool, place: Place, closedWait?: ClosedWait): ReadClient {
  return {
    rows: (sql, ...parameters) =>
      retryingRead(async () => {
        const values = [...parameters];
        const query = { text: sql.in(place), values, rowMode: 'array' as const, types: AS_TEXT };
        return (await pool.query<(string | null)[]>(query)).rows;
      }, closedWait),
  };
}

const AS_TEXT = { getTypeParser: () => (text: string) => text };
