import type pg from 'pg';

/** The database is not one that this program can bring to its own version. Made to be shown. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const SERVER_VERSION_MIN = 15;

/** Those that must take new rows, and those whose rows change too. */
const TABLES_KEPT = ['events', 'ledger_entries', 'idempotency_keys', 'credit_costs'];
const TABLES_CHANGED = ['projects', 'api_keys', 'features', 'customers', 'entities', 'balances'];

export interface Facts {
  readonly version: string;
  readonly number: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** Where that is set. */
  readonly readOnlyBy: string;
  /** As SQL takes them. */
  readonly role: string;
  readonly database: string;
  /** Null where there is no such schema. */
  readonly mayUse: boolean | null;
  readonly mayCreate: boolean | null;
  readonly keepsPromises: boolean;
}

const FACTS = `SELECT current_setting('server_version') AS version,
  current_setting('server_version_num')::int AS number,
  current_setting('server_encoding') AS encoding,
  pg_is_in_recovery() AS "isStandby",
  current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
  (SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only') AS "readOnlyBy",
  quote_ident(current_user) AS role,
  quote_ident(current_database()) AS database,
  (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'public') AS "mayUse",
  (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'public') AS "mayCreate",
  current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS "keepsPromises"`;

/** Throws where the server or its database is none to work with, whatever is in it. */
export async function checkServer(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<Facts>({ text: FACTS, values: [] });
  const [facts] = rows;
  if (facts === undefined) throw new Error('a SELECT without FROM gives one row');
  const trouble = troubleOf(facts);
  if (trouble !== null) throw new MigrationError(trouble);
  return facts;
}

/** What the server's operator alone can mend. */
export const CARELESS =
  'The server runs with fsync or full_page_writes off: a power cut loses usage that was ' +
  'acknowledged, and may ruin the database. Set both to on.';

function troubleOf(facts: Facts): string | null {
  const { version, number, encoding, database, role } = facts;
  if (number < SERVER_VERSION_MIN * 10_000) {
    return (
      `Tollgate needs PostgreSQL ${SERVER_VERSION_MIN} or later; this server is ${version}. ` +
      'Upgrade it, or name another one in DATABASE_URL.'
    );
  }
  if (encoding !== 'UTF8') {
    return (
      `Tollgate needs a database with the encoding UTF8; this one has ${encoding}. Create another ` +
      `one with: CREATE DATABASE tollgate ENCODING 'UTF8' TEMPLATE template0;`
    );
  }
  if (facts.isStandby) {
    return 'The server is a standby, which takes no writes. Name the primary in DATABASE_URL.';
  }
  if (facts.isReadOnly) {
    return `The database ${database} takes no writes from the role ${role}: default_transaction_read_only is on. ${mending(facts)}`;
  }
  if (facts.mayUse === null) {
    return `The database ${database} has no schema public. Create it with: CREATE SCHEMA public;`;
  }
  if (!facts.mayUse)
    return `${mayNot(facts, 'use')} ${GRANT} USAGE, CREATE ON SCHEMA public TO ${role};`;
  return null;
}

function mending({ readOnlyBy, role, database }: Facts): string {
  const reset = 'RESET default_transaction_read_only;';
  switch (readOnlyBy) {
    case 'database':
      return `Take it back with: ALTER DATABASE ${database} ${reset}`;
    case 'user':
      return `Take it back with: ALTER ROLE ${role} ${reset}`;
    case 'database user':
      return `Take it back with: ALTER ROLE ${role} IN DATABASE ${database} ${reset}`;
    default:
      return "Take it back in the server's configuration.";
  }
}

const GRANT = 'Let a superuser or its owner say: GRANT';

function mayNot({ role, database }: Facts, what: string): string {
  return `The role ${role} may not ${what} the schema public of the database ${database}.`;
}

/** Throws where the tables can't be created: of others, some are there, or the role may not. */
export async function checkEmpty(client: pg.Client, facts: Facts): Promise<void> {
  const { database, role } = facts;
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) ORDER BY relname`,
    [[...TABLES_KEPT, ...TABLES_CHANGED]],
  );
  if (rows.length > 0) {
    const names = rows.map(({ name }) => name).join(', ');
    throw new MigrationError(
      `The database ${database} has tables of another program where Tollgate's would be: ${names}. ` +
        'Give Tollgate a database of its own.',
    );
  }
  if (!facts.mayCreate) {
    throw new MigrationError(
      `${mayNot(facts, 'create tables in')} ${GRANT} CREATE ON SCHEMA public TO ${role};`,
    );
  }
}

const LACKING = `SELECT relname AS name FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) AND NOT (
    has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
    AND (relname = ANY ($2) OR has_table_privilege(oid, 'UPDATE')))
  ORDER BY relname`;

/** Throws where the tables are there, but not for this role. */
export async function checkRights(client: pg.Client, { database, role }: Facts): Promise<void> {
  const { rows } = await client.query<{ name: string }>(LACKING, [
    [...TABLES_KEPT, ...TABLES_CHANGED],
    TABLES_KEPT,
  ]);
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => name).join(', ');
  throw new MigrationError(
    `The role ${role} may not read and write these tables of the database ${database}: ${names}. ` +
      `${GRANT} SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};`,
  );
}
