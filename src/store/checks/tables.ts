import type pg from 'pg';
import type { Place } from '../placed.js';
import type { FindingCode } from './codes.js';
import { type Finding, ok, refusal, warning } from './finding.js';
import type { Facts } from './server.js';
import {
  IN_ORDER,
  oneOfTables,
  sqlName,
  type TableName,
  toldName,
  toldNames,
} from './table-names.js';

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
  ['servers', ['SELECT']],
  ['places', ['SELECT']],
]);
export const TABLES = [...RIGHTS.keys()];

const GRANT = 'As a superuser or its owner, run:';

/** Whether the tables can be created. */
export async function emptyFindings(client: pg.Client, facts: Facts): Promise<Finding[]> {
  const { database, role } = facts;
  const { rows } = await client.query<TableName>(
    `SELECT 'public' AS place, relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1) ORDER BY relname`,
    [TABLES],
  );
  if (rows.length > 0) {
    const found = `The database ${database} has another program's tables with the names of Tollgate's: ${toldNames(rows)}.`;
    return [refusal('other_tables', { found, advice: 'Use a separate database for Tollgate.' })];
  }
  if (facts.mayCreate) return [ok('other_tables', `The database ${database} is empty.`)];
  return [
    refusal('schema', {
      found: `The role ${role} may not create tables in the schema public of the database ${database}.`,
      advice: GRANT,
      commands: [`GRANT CREATE ON SCHEMA public TO ${role};`],
    }),
  ];
}

/** What statements name is the table, so its ranges need no rights, and have no row-level security, of their own. */
const STATE = `SELECT n.nspname AS place, c.relname AS name, t.name IS NOT NULL AND row_security_active(c.oid) AS filtered,
    c.relpersistence <> 'p' AS volatile,
    (SELECT string_agg(wanted, ', ') FROM unnest(string_to_array(t.wanting, ' ')) AS wanted
      WHERE NOT has_table_privilege(c.oid, wanted)) AS lacking,
    (SELECT string_agg(quote_ident(tgname), ', ' ORDER BY tgname) FROM pg_trigger
      WHERE tgrelid = c.oid AND tgenabled = 'D') AS disabled
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN unnest($1::text[], $3::text[]) AS t(name, wanting) ON c.relname = t.name
  WHERE c.relkind IN ('r', 'p') AND ${oneOfTables('c')} ORDER BY ${IN_ORDER}, c.relname`;

/** Whether `public` may be used is examined with the server. */
const CLOSED_SCHEMAS = `SELECT nspname AS place FROM pg_namespace
  WHERE nspname = ANY ($1) AND NOT has_schema_privilege(oid, 'USAGE') ORDER BY array_position($1::text[], nspname::text)`;

interface TableState extends TableName {
  /** Row-level security applies to this role, so rows that exist may be missing. */
  readonly filtered: boolean;
  /** A crash of the server empties it. */
  readonly volatile: boolean;
  /** The rights that this role does not have; null for none. */
  readonly lacking: string | null;
  /** Its disabled triggers, foreign keys included; null for none. */
  readonly disabled: string | null;
}

/** Whether this role may use the tables that exist in these places, and all of their rows, and they keep what is written to them. */
export async function tableFindings(
  client: pg.Client,
  facts: Facts,
  places: readonly Place[],
): Promise<Finding[]> {
  const { rows } = await client.query<TableState>(STATE, [
    TABLES,
    places,
    [...RIGHTS.values()].map((rights) => rights.join(' ')),
  ]);
  const closed = await client.query<{ place: string }>(CLOSED_SCHEMAS, [places.slice(1)]);
  return [
    rightsOf(
      rows,
      closed.rows.map(({ place }) => place),
      facts,
    ),
    rowSecurityOf(rows, facts),
    unloggedOf(rows, facts),
    triggersOf(rows),
  ];
}

function rightsOf(
  tables: readonly TableState[],
  closed: readonly string[],
  { role, database }: Facts,
): Finding {
  const lacking = tables.filter((table) => table.lacking !== null);
  const rights = [
    ...closed.map((place) => `USAGE on the schema ${place}`),
    ...lacking.map((table) => `${table.lacking} on ${toldName(table)}`),
  ];
  if (rights.length === 0) return ok('rights', `The role ${role} has all rights that it needs.`);
  return refusal('rights', {
    found: `The role ${role} lacks rights to tables of the database ${database}: ${rights.join('; ')}.`,
    advice: GRANT,
    commands: [
      ...closed.map((place) => `GRANT USAGE ON SCHEMA ${place} TO ${role};`),
      ...[...new Set(lacking.map(({ place }) => place))].map(
        (place) =>
          `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${place} TO ${role};`,
      ),
    ],
  });
}

function rowSecurityOf(tables: readonly TableState[], { role, database }: Facts): Finding {
  const filtered = toldNames(tables.filter((table) => table.filtered));
  if (filtered === '') return ok('row_security', 'Row-level security hides no rows.');
  return refusal('row_security', {
    found: `Row-level security hides rows of these tables of the database ${database} from the role ${role}: ${filtered}.`,
    advice: 'As a superuser, run:',
    commands: [`ALTER ROLE ${role} BYPASSRLS;`],
  });
}

function unloggedOf(tables: readonly TableState[], { database }: Facts): Finding {
  const unlogged = tables.filter(({ volatile }) => volatile);
  if (unlogged.length === 0) return ok('unlogged', 'A crash empties none of the tables.');
  return refusal('unlogged', {
    found: `These tables of the database ${database} are unlogged, so a crash of the server empties them: ${toldNames(unlogged)}.`,
    advice: 'As their owner, run:',
    commands: unlogged.map((table) => `ALTER TABLE ${sqlName(table)} SET LOGGED;`),
  });
}

function triggersOf(tables: readonly TableState[]): Finding {
  const disabled = tables.filter((table) => table.disabled !== null);
  if (disabled.length === 0) return ok('triggers', 'All triggers and foreign keys apply.');
  const named = disabled.map((table) => `${table.disabled} of ${toldName(table)}`).join('; ');
  return warning('triggers', {
    found: `These triggers are disabled: ${named}.`,
    meaning:
      'They keep what has been recorded from being changed, and rows from naming what does not exist.',
    advice: 'As a superuser, run:',
    commands: disabled.map((table) => `ALTER TABLE ${sqlName(table)} ENABLE TRIGGER ALL;`),
  });
}

/** The codes of what `tableFindings` gives. */
export const TABLE_CODES: readonly FindingCode[] = [
  'rights',
  'row_security',
  'unlogged',
  'triggers',
];
