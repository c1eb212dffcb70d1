import { type Check, type CheckContext, LISTED_MAX } from './check.js';
import { announcedPid } from './connection.js';
import { type Finding, note, ok, problem, warning } from './finding.js';
import { amountOf, atRestart, settingOf } from './server-settings.js';

/** What others do on this server at the moment. The texts of their statements are not shown. */
export const sessionChecks: readonly Check[] = [
  { codes: ['statistics_rights'], embedded: false, tables: false, run: statisticsRights },
  {
    codes: ['long_transactions', 'idle_in_transaction'],
    embedded: false,
    tables: false,
    run: transactions,
  },
  { codes: ['prepared_transactions'], embedded: false, tables: false, run: prepared },
  { codes: ['connections'], embedded: false, tables: false, run: connections },
];

async function statisticsRights({ client, facts }: CheckContext): Promise<Finding[]> {
  const text = `SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees`;
  const { rows } = await client.query<{ sees: boolean }>({ text, values: [] });
  if (rows[0]?.sees === true) {
    return [ok('statistics_rights', `The role ${facts.role} sees the sessions of all roles.`)];
  }
  return [
    note('statistics_rights', {
      found: `The role ${facts.role} does not see the sessions of other roles.`,
      meaning:
        'Their transactions may be long, and their connections many, without a finding here.',
      advice: 'As a superuser, run:',
      commands: [`GRANT pg_read_all_stats TO ${facts.role};`],
    }),
  ];
}

interface Transaction {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  readonly seconds: number;
  readonly idleSeconds: number | null;
  /** Whether it keeps old row versions alive. */
  readonly holds: boolean;
}

/** The snapshot of the database's own workers does not count, nor this session's. */
const TRANSACTIONS = `SELECT pid, application_name AS application, coalesce(usename, '') AS role,
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
    CASE WHEN state LIKE 'idle in transaction%'
      THEN extract(epoch FROM clock_timestamp() - state_change)::float8 END AS "idleSeconds",
    (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) AS holds
  FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    AND datname = current_database()
  ORDER BY xact_start LIMIT 100`;

async function transactions({ client, limits }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<Transaction>({ text: TRANSACTIONS, values: [] });
  const long = rows.filter(
    ({ holds, seconds }) => holds && seconds * 1_000 > limits.longTransactionMs,
  );
  const idle = rows.filter(
    ({ pid, idleSeconds }) =>
      idleSeconds !== null &&
      idleSeconds * 1_000 > limits.idleInTransactionMs &&
      !long.some((other) => other.pid === pid),
  );
  return [...longOf(long), ...idleOf(idle)];
}

function longOf(long: readonly Transaction[]): Finding[] {
  if (long.length === 0) return [ok('long_transactions', 'No transaction is long.')];
  return long.slice(0, LISTED_MAX).map((transaction) =>
    warning('long_transactions', {
      found: `${named(transaction)} has been in a transaction for ${durationOf(transaction.seconds)}.`,
      meaning:
        'It keeps every old row version alive, so the busiest customers become slow first, and a migration that builds an index waits for it.',
      advice: 'Find out what it is. To end it, run:',
      commands: [`SELECT pg_terminate_backend(${transaction.pid});`],
    }),
  );
}

function idleOf(idle: readonly Transaction[]): Finding[] {
  if (idle.length === 0) {
    return [ok('idle_in_transaction', 'No session has left a transaction open.')];
  }
  return idle.slice(0, LISTED_MAX).map((transaction) =>
    warning('idle_in_transaction', {
      found: `${named(transaction)} has done nothing in its transaction for ${durationOf(transaction.idleSeconds ?? 0)}.`,
      meaning: 'It may have locked customers, and tables that a migration needs.',
      advice: 'Find out what it is. To end it, run:',
      commands: [`SELECT pg_terminate_backend(${transaction.pid});`],
    }),
  );
}

function named({ pid, application, role }: Transaction): string {
  const what = application === '' ? 'without application_name' : application;
  return `The session with pid ${pid} (${what}, role ${role})`;
}

export function durationOf(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}

const PREPARED = `SELECT quote_literal(gid) AS gid, extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds
  FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT ${LISTED_MAX}`;

/** Tollgate prepares none. */
async function prepared({ client, limits }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<{ gid: string; seconds: number }>({
    text: PREPARED,
    values: [],
  });
  const old = rows.filter(({ seconds }) => seconds * 1_000 > limits.longTransactionMs);
  if (old.length === 0) return [ok('prepared_transactions', 'No transaction is left prepared.')];
  return old.map(({ gid, seconds }) =>
    problem('prepared_transactions', {
      found: `The prepared transaction ${gid} has been open for ${durationOf(seconds)}.`,
      meaning:
        'It belongs to no session and holds its locks and old row versions until it is ended, even across restarts. Tollgate prepares none.',
      advice: 'Unless another program is going to end it, run:',
      commands: [`ROLLBACK PREPARED ${gid};`],
    }),
  );
}

const CONNECTIONS = `SELECT pg_backend_pid() AS pid, (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend'
      AND application_name <> 'tollgate' AND pid <> pg_backend_pid()) AS others,
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = session_user) AS "ofRole",
    (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS "ofDatabase"`;

interface Connections {
  readonly pid: number;
  readonly others: number;
  /** -1 for no limit. */
  readonly ofRole: number;
  readonly ofDatabase: number;
}

const UNKNOWN: Connections = { pid: 0, others: 0, ofRole: -1, ofDatabase: -1 };

async function connections(context: CheckContext): Promise<Finding[]> {
  const { rows } = await context.client.query<Connections>({ text: CONNECTIONS, values: [] });
  const { pid, others, ofRole, ofDatabase } = rows[0] ?? UNKNOWN;
  if (pid !== announcedPid(context.client)) {
    return [ok('connections', 'The pooler decides how many connections the server has.')];
  }
  const { settings, facts, gateway } = context;
  const { workers, databasePoolMax, readPoolMax, sweep } = gateway;
  // A start takes one more, and the sweeper.
  const needed = workers * (databasePoolMax + readPoolMax) + 1 + (sweep ? 1 : 0);
  const reserved = ['superuser_reserved_connections', 'reserved_connections']
    .map((name) => Number(settingOf(settings, name)))
    .reduce((sum, count) => sum + count, 0);
  const max = amountOf(settings, 'max_connections');
  const ofServer = max - reserved - others;
  const free = Math.min(ofServer, ...[ofRole, ofDatabase].filter((limit) => limit >= 0));
  const found = `A gateway with these settings needs up to ${needed} connections, and there is room for ${free}.`;
  if (needed <= free) return [ok('connections', found)];
  const told = {
    found,
    meaning: 'Calls are refused with OVERLOADED or DATABASE_UNAVAILABLE when it is busiest.',
  };
  if (ofDatabase === free) {
    return [problem('connections', { ...told, ...lifting(`DATABASE ${facts.database}`) })];
  }
  if (ofRole === free)
    return [problem('connections', { ...told, ...lifting(`ROLE ${facts.role}`) })];
  const command = `ALTER SYSTEM SET max_connections = ${Math.max(200, max + needed - free)};`;
  return [problem('connections', { ...told, ...atRestart(command) })];
}

function lifting(what: string) {
  return {
    advice: 'As a superuser, run:',
    commands: [`ALTER ${what} CONNECTION LIMIT -1;`],
  };
}
