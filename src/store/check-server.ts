import type pg from 'pg';

/** The database cannot be brought to the version of this program. The message is meant to be shown. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const SERVER_VERSION_MIN = 15;

/** What is done with the rows of each table; a row that is locked counts as changed. */
const RIGHTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['events', ['SELECT', 'INSERT', 'UPDATE']],
  ['event_voids', ['SELECT', 'INSERT', 'UPDATE']],
  ['ledger_entries', ['SELECT', 'INSERT']],
  ['idempotency_keys', ['SELECT', 'INSERT', 'DELETE']],
  ['reservations', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['credit_costs', ['SELECT', 'INSERT', 'DELETE']],
  ['projects', ['SELECT', 'INSERT', 'UPDATE']],
  ['api_keys', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['features', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['removed_features', ['SELECT', 'INSERT', 'DELETE']],
  ['customers', ['SELECT', 'INSERT', 'UPDATE']],
  ['entities', ['SELECT', 'INSERT', 'UPDATE']],
  ['balances', ['SELECT', 'INSERT', 'UPDATE']],
]);
const TABLES = [...RIGHTS.keys()];

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
  /** Null if there is no such schema. */
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

/** Throws if the server or the database cannot be used, whatever its contents. */
export async function checkServer(
  client: pg.Client,
  { embedded }: { readonly embedded: boolean },
): Promise<Facts> {
  const { rows } = await client.query<Facts>({ text: FACTS, values: [] });
  const [facts] = rows;
  if (facts === undefined) throw new Error('a SELECT without FROM gives one row');
  // The embedded one sets it itself while its disk is nearly full; reads are answered all the same.
  const trouble = troubleOf(embedded ? { ...facts, isReadOnly: false } : facts);
  if (trouble !== null) throw new MigrationError(trouble);
  return facts;
}

/** A problem that only the server's operator can fix. */
export const CARELESS =
  'The server runs with fsync or full_page_writes off: a power cut can lose acknowledged usage ' +
  'and corrupt the database. Set both to on.';

function troubleOf(facts: Facts): string | null {
  const { version, number, encoding, database, role } = facts;
  if (number < SERVER_VERSION_MIN * 10_000) {
    return (
      `Tollgate needs PostgreSQL ${SERVER_VERSION_MIN} or later; this server is ${version}. ` +
      'Upgrade it, or set DATABASE_URL to another one.'
    );
  }
  if (encoding !== 'UTF8') {
    return (
      `Tollgate needs a database with the encoding UTF8; this one has ${encoding}. Create another ` +
      `one with: CREATE DATABASE tollgate ENCODING 'UTF8' TEMPLATE template0;`
    );
  }
  if (facts.isStandby) {
    return 'The server is a standby, which does not accept writes. Set DATABASE_URL to the primary.';
  }
  if (facts.isReadOnly) {
    return `The database ${database} does not accept writes from the role ${role}: default_transaction_read_only is on. ${mending(facts)}`;
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
      return `Undo it with: ALTER DATABASE ${database} ${reset}`;
    case 'user':
      return `Undo it with: ALTER ROLE ${role} ${reset}`;
    case 'database user':
      return `Undo it with: ALTER ROLE ${role} IN DATABASE ${database} ${reset}`;
    case 'client':
      return 'Remove it from the options in DATABASE_URL or PGOPTIONS.';
    default:
      return "Undo it in the server's configuration.";
  }
}

const GRANT = 'As a superuser or its owner, run: GRANT';

function mayNot({ role, database }: Facts, what: string): string {
  return `The role ${role} may not ${what} the schema public of the database ${database}.`;
}

/** Throws if the tables cannot be created: another program's are in their place, or the role lacks the rights. */
export async function checkEmpty(client: pg.Client, facts: Facts): Promise<void> {
  const { database, role } = facts;
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) ORDER BY relname`,
    [TABLES],
  );
  if (rows.length > 0) {
    throw new MigrationError(
      `The database ${database} has another program's tables with the names of Tollgate's: ${namesOf(rows)}. ` +
        'Use a separate database for Tollgate.',
    );
  }
  if (!facts.mayCreate) {
    throw new MigrationError(
      `${mayNot(facts, 'create tables in')} ${GRANT} CREATE ON SCHEMA public TO ${role};`,
    );
  }
}

const STATE = `SELECT relname AS name, row_security_active(oid) AS filtered,
    relpersistence <> 'p' AS volatile,
    (SELECT string_agg(wanted, ', ') FROM unnest(string_to_array(wanting, ' ')) AS wanted
      WHERE NOT has_table_privilege(oid, wanted)) AS lacking
  FROM pg_class JOIN unnest($1::text[], $2::text[]) AS t(name, wanting) ON relname = t.name
  WHERE relnamespace = 'public'::regnamespace ORDER BY relname`;

interface TableState {
  readonly name: string;
  /** Row-level security applies to this role, so rows that exist may be missing. */
  readonly filtered: boolean;
  /** A crash of the server empties it. */
  readonly volatile: boolean;
  /** The rights that this role does not have; null for none. */
  readonly lacking: string | null;
}

/** Throws if the tables exist, but this role may not use them, or not all of their rows, or a crash would empty them. */
export async function checkTables(client: pg.Client, { database, role }: Facts): Promise<void> {
  const { rows } = await client.query<TableState>(STATE, [
    TABLES,
    [...RIGHTS.values()].map((rights) => rights.join(' ')),
  ]);
  const lacking = rows.filter((table) => table.lacking !== null);
  if (lacking.length > 0) {
    const rights = lacking.map((table) => `${table.lacking} on ${table.name}`).join('; ');
    throw new MigrationError(
      `The role ${role} lacks rights to tables of the database ${database}: ${rights}. ` +
        `${GRANT} SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};`,
    );
  }
  const filtered = namesOf(rows.filter((table) => table.filtered));
  if (filtered !== '') {
    throw new MigrationError(
      `Row-level security hides rows of these tables of the database ${database} from the role ` +
        `${role}: ${filtered}. As a superuser, run: ALTER ROLE ${role} BYPASSRLS;`,
    );
  }
  const [first, ...others] = rows.filter(({ volatile }) => volatile);
  if (first !== undefined) {
    throw new MigrationError(
      `These tables of the database ${database} are unlogged, so a crash of the server empties them: ` +
        `${namesOf([first, ...others])}. For each, run: ALTER TABLE ${first.name} SET LOGGED;`,
    );
  }
}

function namesOf(tables: readonly { readonly name: string }[]): string {
  return tables.map(({ name }) => name).join(', ');
}
