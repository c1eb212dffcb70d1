import type pg from 'pg';

/** A transaction that holds the lock for which a migration waits. */
export interface Holder {
  /** The table, or the index, that it has locked. */
  readonly relation: string;
  /** Null for a prepared transaction, which belongs to no session. */
  readonly pid: number | null;
  readonly application: string;
  /** The server's own worker, which gives way to a session that has waited for its lock for `deadlockMs`. */
  readonly isWorker: boolean;
  readonly deadlockMs: number;
  /** The number by which the server tells it from the session's next one. */
  readonly transaction: string;
}

/** The migrating session is the one that holds this advisory lock. */
const HOLDERS = `SELECT DISTINCT held.relation::regclass::text AS relation, held.pid,
    held.virtualtransaction AS transaction, coalesce(session.application_name, '') AS application,
    held.pid IS NOT NULL AND session.usename IS NULL AS "isWorker",
    (SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout') AS "deadlockMs"
  FROM pg_locks AS own
    JOIN pg_locks AS wanted ON wanted.pid = own.pid AND NOT wanted.granted
    JOIN pg_locks AS held ON held.granted AND held.locktype = 'relation'
      AND held.database = wanted.database AND held.relation = wanted.relation
      AND coalesce(held.pid, 0) = ANY (pg_blocking_pids(wanted.pid))
    LEFT JOIN pg_stat_activity AS session ON session.pid = held.pid
  WHERE own.locktype = 'advisory' AND own.granted AND wanted.locktype = 'relation'
    AND own.classid = 0 AND own.objid = $1 AND own.objsubid = 1
    AND own.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY held.pid`;

/** Who keeps the holder of the advisory lock waiting at this moment. */
export async function holdersNow(client: pg.Client, advisoryKey: number): Promise<Holder[]> {
  return (await client.query<Holder>(HOLDERS, [advisoryKey])).rows;
}

const IN_PROGRESS = `SELECT EXISTS (
  SELECT FROM pg_locks WHERE granted AND virtualtransaction = ANY ($1)) AS "inProgress"`;

/** Whether any of these transactions has not ended yet. */
export async function areInProgress(
  client: pg.Client,
  holders: readonly Holder[],
): Promise<boolean> {
  const transactions = holders.map(({ transaction }) => transaction);
  const { rows } = await client.query<{ inProgress: boolean }>(IN_PROGRESS, [transactions]);
  return rows[0]?.inProgress === true;
}

/** Such as "the session with pid 7 (pg_dump), which has locked balances". */
export function described({ relation, pid, application, isWorker }: Holder): string {
  return `${holderOf(pid, application, isWorker)}, which has locked ${relation}`;
}

function holderOf(pid: number | null, application: string, isWorker: boolean): string {
  if (pid === null) return 'a prepared transaction (see pg_prepared_xacts)';
  if (isWorker) return `the autovacuum worker with pid ${pid}`;
  return `the session with pid ${pid} (${application || 'without application_name'})`;
}
