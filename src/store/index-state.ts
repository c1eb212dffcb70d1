import type pg from 'pg';
import { MigrationError } from './check-server.js';
import type { ConcurrentIndex } from './migration-files.js';

// The statements have no parameters, hence the simple protocol, after which an idle transaction has no snapshot for
// which an index would wait. The names in them need no quotes.

export type IndexState =
  | 'MISSING'
  /** Being built, or left by a build that was interrupted. It costs writes and serves no read. */
  | 'INVALID'
  | 'VALID';

const stateOf = ({
  name,
  table,
}: ConcurrentIndex) => `SELECT index.indisvalid AND index.indisready AS valid
  FROM pg_class AS named LEFT JOIN pg_index AS index
    ON index.indexrelid = named.oid AND index.indrelid = 'public.${table}'::regclass
  WHERE named.relnamespace = 'public'::regnamespace AND named.relname = '${name}'`;

export async function readState(client: pg.Client, index: ConcurrentIndex): Promise<IndexState> {
  const { rows } = await client.query<{ valid: boolean | null }>(stateOf(index));
  const [found] = rows;
  if (found === undefined) return 'MISSING';
  if (found.valid === null) {
    throw new MigrationError(
      `The name ${index.name} is taken by something other than an index of ${index.table}. Use a separate database for Tollgate.`,
    );
  }
  return found.valid ? 'VALID' : 'INVALID';
}

/** Whether no process builds it or has built it, nor is working on its table. */
export async function isUntouched(client: pg.Client, index: ConcurrentIndex): Promise<boolean> {
  return (await readState(client, index)) === 'MISSING' && (await busyWith(client, index)) === null;
}

export interface Busy {
  readonly pid: number;
  readonly application: string;
}

/** Those that wait for the lock count too, so that there is never a second one. Autovacuum gives way to them. */
const busyOn = ({
  table,
}: ConcurrentIndex) => `SELECT held.pid, session.application_name AS application
  FROM pg_locks AS held JOIN pg_stat_activity AS session ON session.pid = held.pid
  WHERE held.locktype = 'relation' AND held.relation = 'public.${table}'::regclass
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.mode = 'ShareUpdateExclusiveLock' AND session.usename IS NOT NULL
  ORDER BY held.pid LIMIT 1`;

/** A session that builds or drops an index of the table concurrently, or does something else that excludes this. */
export async function busyWith(client: pg.Client, index: ConcurrentIndex): Promise<Busy | null> {
  // A transaction would see the sessions as they were when it first looked.
  await client.query('SELECT pg_stat_clear_snapshot()');
  return (await client.query<Busy>(busyOn(index))).rows[0] ?? null;
}
