import type pg from 'pg';
import { type Finding, ok, problem, refusal } from './finding.js';

export const SERVER_VERSION_MIN = 15;

/** What the start and the doctor know about the server, the database and the role. */
export interface Facts {
  readonly version: string;
  readonly number: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** Where that setting comes from. */
  readonly readOnlyBy: string;
  /** Quoted for SQL. */
  readonly role: string;
  readonly database: string;
  readonly isSuperuser: boolean;
  /** Null if there is no such schema. */
  readonly mayUse: boolean | null;
  readonly mayCreate: boolean | null;
  readonly fsync: string;
  readonly fullPageWrites: string;
  /** Whether triggers and foreign keys apply. */
  readonly replicationRole: string;
  readonly replicationRoleBy: string;
}

// No setting changes how a name is quoted here; `quote_all_identifiers` would do no harm.
const FACTS = `SELECT current_setting('server_version') AS version,
  current_setting('server_version_num')::int AS number,
  current_setting('server_encoding') AS encoding,
  pg_is_in_recovery() AS "isStandby",
  current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
  (SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only') AS "readOnlyBy",
  quote_ident(current_user) AS role,
  quote_ident(current_database()) AS database,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS "isSuperuser",
  (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'public') AS "mayUse",
  (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'public') AS "mayCreate",
  current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS "fullPageWrites",
  current_setting('session_replication_role') AS "replicationRole",
  (SELECT source FROM pg_settings WHERE name = 'session_replication_role') AS "replicationRoleBy"`;

export async function readFacts(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<Facts>({ text: FACTS, values: [] });
  const [facts] = rows;
  if (facts === undefined) throw new Error('a SELECT without FROM gives one row');
  return facts;
}

/** One finding of each code, whatever the contents of the database. */
export function serverFindings(facts: Facts): Finding[] {
  return [
    versionOf(facts),
    encodingOf(facts),
    standbyOf(facts),
    readOnlyOf(facts),
    schemaOf(facts),
    replicationRoleOf(facts),
    diskOf(
      'fsync',
      facts.fsync,
      'A power cut can lose acknowledged usage and corrupt the database.',
    ),
    diskOf(
      'full_page_writes',
      facts.fullPageWrites,
      'A power cut can corrupt the database: pages that were half written cannot be repaired.',
    ),
  ];
}

function versionOf({ number, version }: Facts): Finding {
  if (number >= SERVER_VERSION_MIN * 10_000) {
    return ok('server_version', `The server is PostgreSQL ${version}.`);
  }
  return refusal('server_version', {
    found: `Tollgate needs PostgreSQL ${SERVER_VERSION_MIN} or later; this server is ${version}.`,
    advice: 'Upgrade it, or set DATABASE_URL to another one.',
  });
}

function encodingOf({ encoding }: Facts): Finding {
  if (encoding === 'UTF8') return ok('encoding', 'The encoding of the database is UTF8.');
  return refusal('encoding', {
    found: `Tollgate needs a database with the encoding UTF8; this one has ${encoding}.`,
    advice: 'Create another one with:',
    commands: [`CREATE DATABASE tollgate ENCODING 'UTF8' TEMPLATE template0;`],
  });
}

function standbyOf({ isStandby }: Facts): Finding {
  if (!isStandby) return ok('standby', 'The server is a primary.');
  return refusal('standby', {
    found: 'The server is a standby, which does not accept writes.',
    advice: 'Set DATABASE_URL to the primary.',
  });
}

function readOnlyOf(facts: Facts): Finding {
  const { isReadOnly, readOnlyBy, database, role } = facts;
  if (!isReadOnly) {
    return ok('read_only', `The database ${database} accepts writes from the role ${role}.`);
  }
  return refusal('read_only', {
    found: `The database ${database} does not accept writes from the role ${role}: default_transaction_read_only is on.`,
    ...undoing('default_transaction_read_only', readOnlyBy, facts),
  });
}

function schemaOf({ database, role, mayUse }: Facts): Finding {
  if (mayUse === true) return ok('schema', `The role ${role} may use the schema public.`);
  if (mayUse === null) {
    return refusal('schema', {
      found: `The database ${database} has no schema public.`,
      advice: 'Create it with:',
      commands: ['CREATE SCHEMA public;'],
    });
  }
  return refusal('schema', {
    found: `The role ${role} may not use the schema public of the database ${database}.`,
    advice: 'As a superuser or its owner, run:',
    commands: [`GRANT USAGE, CREATE ON SCHEMA public TO ${role};`],
  });
}

/** Only a superuser may change it, so the gateway cannot set it for its transactions. */
function replicationRoleOf(facts: Facts): Finding {
  const { replicationRole, replicationRoleBy, role, database } = facts;
  if (replicationRole !== 'replica') {
    return ok('triggers_of_sessions', `session_replication_role is ${replicationRole}.`);
  }
  return refusal('triggers_of_sessions', {
    found: `session_replication_role is replica for the role ${role} in the database ${database}, so triggers and foreign keys do not apply.`,
    meaning:
      'What has been recorded could be changed, and rows would be kept whose features do not exist.',
    ...undoing('session_replication_role', replicationRoleBy, facts),
  });
}

function diskOf(name: 'fsync' | 'full_page_writes', value: string, meaning: string): Finding {
  if (value === 'on') return ok(name, `${name} is on.`);
  return problem(name, {
    found: `The server runs with ${name} off.`,
    meaning,
    advice: 'As a superuser, run:',
    commands: [`ALTER SYSTEM SET ${name} = on;`, 'SELECT pg_reload_conf();'],
  });
}

/** How a setting is undone that comes from that source, in the words of pg_settings. */
export function undoing(
  name: string,
  source: string,
  { role, database }: Pick<Facts, 'role' | 'database'>,
): Pick<Finding, 'advice' | 'commands'> {
  const undo = (command: string) => ({ advice: 'Undo it with:', commands: [command] });
  switch (source) {
    case 'database':
      return undo(`ALTER DATABASE ${database} RESET ${name};`);
    case 'user':
      return undo(`ALTER ROLE ${role} RESET ${name};`);
    case 'database user':
      return undo(`ALTER ROLE ${role} IN DATABASE ${database} RESET ${name};`);
    case 'global':
      return undo(`ALTER ROLE ALL RESET ${name};`);
    case 'client':
      return { advice: 'Remove it from the options in DATABASE_URL or PGOPTIONS.', commands: [] };
    default:
      return { advice: "Undo it in the server's configuration.", commands: [] };
  }
}
