/** Time limits of a connection. 0 is no limit. */
export interface TimeLimits {
  readonly statementTimeoutMs: number;
  /** For a lock that another session holds. */
  readonly lockTimeoutMs: number;
}

/** Returns the pins for a transaction that begins with this statement. There must be few of them, because they are prepared. */
export type PinsFor = (statement: string) => readonly string[];

/**
 * Marks a statement that is planned once per connection. By default, PostgreSQL may plan it anew each time, which
 * takes longer than running it. For statements whose shape allows only one good plan, whatever their parameters.
 */
export const PLANNED_ONCE = '/* planned once */ ';

/**
 * The statements that pin the settings of a transaction, until its end and no longer. They are the first of every
 * transaction, whatever the role, the database or a pooler's other clients have set.
 */
export function pinStatements(limits: TimeLimits): PinsFor {
  const usual = pinsWith(limits, 'auto');
  const once = pinsWith(limits, 'force_generic_plan');
  return (statement) => (statement.startsWith(PLANNED_ONCE) ? once : usual);
}

/**
 * Must come first: the level can only be set before anything is read. It applies to the transaction, not to the session, as
 * `SET TRANSACTION` would; but before version 18, PostgreSQL logs a warning for each of those that no BEGIN precedes.
 */
const READ_COMMITTED = "SET transaction_isolation = 'read committed'";

function pinsWith(limits: TimeLimits, planCacheMode: string): readonly string[] {
  const timeLimits = timeouts(limits);
  const settings = Object.entries({ ...SETTINGS, plan_cache_mode: planCacheMode, ...timeLimits });
  const calls = settings.map(([name, value]) => set(name, `'${value}'`));
  // One number is less to send than each setting's value.
  const select = `SELECT pg_catalog.num_nulls(${[DURABLE, TRANSACTION_TIMEOUT, ...calls].join(', ')})`;
  return [READ_COMMITTED, select];
}

/**
 * What is acknowledged is on disk. An operator's stronger setting, that replicas show it too, is kept. The search path is not
 * pinned yet, so even the operator is named with its schema: `CASE x WHEN y` would take any `=` that it finds.
 */
const DURABLE = set(
  'synchronous_commit',
  `CASE WHEN pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'remote_apply'
    THEN 'remote_apply' ELSE 'on' END`,
);

/** New in PostgreSQL 17; our transactions are a statement or two, which have their own limits. */
const TRANSACTION_TIMEOUT = `CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL
  THEN ${set('transaction_timeout', "'0'")} END`;

/** What names refer to, and how values are written and read. `npm run doctor` tells where another value is set. */
export const VALUE_SETTINGS = {
  // Temporary tables of a pooler's other clients come last, where by default they come first.
  search_path: 'public, pg_temp',
  // Prisma gives times without a zone.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
} as const;

const SETTINGS = {
  ...VALUE_SETTINGS,
  // Drivers ask for it when they connect; other clients of a pooler may have asked for another one since.
  client_encoding: 'UTF8',
  // Every statement can use an index. A plan made while a table was small must not scan it when it has grown.
  enable_seqscan: 'off',
  enable_indexscan: 'on',
  // It would seem to be cheaper than a better index while a table has a few pages, and no statement finds so many rows that it is.
  enable_bitmapscan: 'off',
  enable_tidscan: 'on',
  enable_nestloop: 'on',
  // At the estimated cost of an unavoidable scan, PostgreSQL would spend more time on JIT compilation than on running it.
  jit: 'off',
  // A timeout ends the statement, not the connection: only then is its outcome known.
  exit_on_error: 'off',
} as const;

function timeouts({ statementTimeoutMs, lockTimeoutMs }: TimeLimits) {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
  };
}

/** Until the end of the transaction. `value` is SQL. */
function set(name: string, value: string): string {
  return `pg_catalog.set_config('${name}', ${value}, true)`;
}
