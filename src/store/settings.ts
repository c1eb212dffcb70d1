/** How long what a connection does may take. 0 is without a limit. */
export interface TimeLimits {
  readonly statementTimeoutMs: number;
  /** For a lock that somebody else holds. */
  readonly lockTimeoutMs: number;
}

/** Gives the pins for a transaction that begins with this statement. There must be few of them, because they are prepared. */
export type PinsFor = (statement: string) => readonly string[];

/**
 * Begins a statement that is planned once for a connection. Left to itself, PostgreSQL may plan it anew each time, which
 * takes longer than to run it. For statements whose shape leaves only one good plan, whatever they are given.
 */
export const PLANNED_ONCE = '/* planned once */ ';

/**
 * The statements that make the settings of a transaction our own, to its end and no longer. They are the first of every
 * transaction, whoever owns the connection and whatever its role, its database or a pooler's other clients have set.
 */
export function pinStatements(limits: TimeLimits): PinsFor {
  const usual = pinsWith(limits, 'auto');
  const once = pinsWith(limits, 'force_generic_plan');
  return (statement) => (statement.startsWith(PLANNED_ONCE) ? once : usual);
}

function pinsWith(limits: TimeLimits, planCacheMode: string): readonly string[] {
  const timeLimits = timeouts(limits);
  const settings = Object.entries({ ...SETTINGS, plan_cache_mode: planCacheMode, ...timeLimits });
  const calls = settings.map(([name, value]) => set(name, `'${value}'`));
  return [
    // The isolation level can be set until something has been read. PostgreSQL warns, in its log, of a SET TRANSACTION
    // that nothing precedes; SHOW precedes it and reads nothing.
    'SHOW transaction_isolation',
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    // One number is less to send than each setting's value.
    `SELECT pg_catalog.num_nulls(${[DURABLE, TRANSACTION_TIMEOUT, ...calls].join(', ')})`,
  ];
}

/** What is acknowledged is on the disk. The operator's stronger promise, that replicas show it too, is kept. */
const DURABLE = set(
  'synchronous_commit',
  `CASE pg_catalog.current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END`,
);

/** PostgreSQL 17 brought it; a transaction of ours is a statement or two, which have limits of their own. */
const TRANSACTION_TIMEOUT = `CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL
  THEN ${set('transaction_timeout', "'0'")} END`;

const SETTINGS = {
  // Temporary tables of a pooler's other clients come last, where by default they come first.
  search_path: 'public, pg_temp',
  // How values are written and read. Prisma gives times without a zone, hence UTC.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  // Every statement has an index to go by. A plan made while a table was small must not scan it when it has grown.
  enable_seqscan: 'off',
  enable_indexscan: 'on',
  enable_bitmapscan: 'on',
  enable_nestloop: 'on',
  // A scan that can't be avoided has a price at which PostgreSQL would compile for longer than it runs.
  jit: 'off',
  // An error ends a statement, not the connection: only then is its outcome known.
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
