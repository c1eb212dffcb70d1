import { CUSTOMER_TABLES } from '../customer-tables.js';
import type { Migration } from '../migration-files.js';
import { PLACE_0, type Place } from '../placed.js';
import { type Check, type CheckContext, LISTED_MAX } from './check.js';
import { type Finding, note, ok, warning } from './finding.js';
import { IN_ORDER, oneOfTables, sqlName, type TableName, toldName } from './table-names.js';
import { TABLES } from './tables.js';

/** The indexes of the tables, compared with those of the migrations. */
export const indexCheck: Check = {
  codes: ['invalid_indexes', 'missing_indexes', 'other_indexes'],
  embedded: true,
  tables: true,
  run: indexes,
};

interface Index extends TableName {
  readonly table: string;
  readonly isValid: boolean;
  /** Whether it belongs to a primary key or another constraint. */
  readonly isConstraint: boolean;
  readonly isBeingBuilt: boolean;
  /** Whether it is a part of an index of a table in ranges. */
  readonly isPart: boolean;
  /** Whether it is an index of a table in ranges, which consists of one of each range. */
  readonly isWhole: boolean;
}

const INDEXES = `SELECT n.nspname AS place, i.relname AS name, t.relname AS table, indisvalid AND indisready AS "isValid",
    EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) AS "isConstraint",
    EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = indrelid
      AND p.datid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "isBeingBuilt",
    i.relispartition AS "isPart", i.relkind = 'I' AS "isWhole"
  FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE ${oneOfTables('t')} ORDER BY ${IN_ORDER}, t.relname, i.relname`;

const RANGES = `SELECT n.nspname AS place, whole.relname AS table, c.relname AS range FROM pg_inherits
    JOIN pg_class whole ON whole.oid = inhparent JOIN pg_class c ON c.oid = inhrelid
    JOIN pg_namespace n ON n.oid = whole.relnamespace
  WHERE n.nspname = ANY ($2) AND whole.relname = ANY ($1) ORDER BY whole.relname, c.relname`;

interface Range {
  readonly place: string;
  readonly table: string;
  readonly range: string;
}

async function indexes({ client, migrations, facts, places }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<Index>({ text: INDEXES, values: [TABLES, places] });
  const known = indexesOf(migrations);
  const names = new Set(rows.map(toldName));
  const applied = await appliedOf({ client });
  const missing = places.flatMap((place) =>
    [...known]
      .filter(
        ([name, { migration }]) => !names.has(toldName({ place, name })) && applied.has(migration),
      )
      .filter(([, { table }]) => place === PLACE_0 || isOfCustomers(table))
      .map(([name, index]) => ({ place, name, index })),
  );
  const ranges = await client.query<Range>({ text: RANGES, values: [TABLES, places] });
  const others = rows.filter(
    ({ name, isConstraint, isPart }) => !isConstraint && !isPart && !known.has(name),
  );
  return [
    ...invalidOf(rows.filter(({ isValid, isBeingBuilt }) => !isValid && !isBeingBuilt)),
    ...missingOf(missing.map((index) => buildingOf(index, ranges.rows))),
    ...othersOf(others, facts.role),
  ];
}

function isOfCustomers(table: string): boolean {
  return CUSTOMER_TABLES.some((name) => name === table);
}

async function appliedOf({ client }: Pick<CheckContext, 'client'>): Promise<Set<string>> {
  const text =
    'SELECT migration_name AS name FROM public._prisma_migrations WHERE finished_at IS NOT NULL';
  const { rows } = await client.query<{ name: string }>({ text, values: [] });
  return new Set(rows.map(({ name }) => name));
}

interface KnownIndex {
  readonly migration: string;
  readonly unique: string;
  readonly table: string;
  /** What follows the name of the table. */
  readonly rest: string;
}

interface MissingIndex {
  readonly place: Place;
  readonly name: string;
  readonly index: KnownIndex;
}

/**
 * Builds it while gateways are running. PostgreSQL builds no index of a table in ranges concurrently, but takes those that the ranges have
 * already for parts of it.
 */
function buildingOf(
  { place, name, index: { unique, table, rest } }: MissingIndex,
  ranges: readonly Range[],
): string[] {
  const create = `CREATE ${unique}INDEX`;
  const concurrently = (of: string, on: string) =>
    `${create} CONCURRENTLY ${of} ON ${sqlName({ place, name: on })} ${rest};`;
  const own = ranges.filter((one) => one.place === place && one.table === table);
  if (own.length === 0) return [concurrently(name, table)];
  const parts = own.map(({ range }) => concurrently('', range).replace('  ', ' '));
  return [...parts, `${create} ${name} ON ${place}.${table} ${rest};`];
}

const CREATE = /CREATE (UNIQUE )?INDEX (?:CONCURRENTLY )?(\w+)\s+ON (?:public\.)?(\w+)\s*([^;]+);/g;
const DROP = /DROP INDEX (?:public\.)?(\w+);/g;

/** By name, those that the migrations create and do not drop. */
export function indexesOf(migrations: readonly Migration[]): ReadonlyMap<string, KnownIndex> {
  const known = new Map<string, KnownIndex>();
  for (const { name: migration, sql } of migrations) {
    const text = sql.replace(/--.*$/gm, '');
    for (const [, unique = '', name = '', table = '', rest = ''] of text.matchAll(CREATE)) {
      known.set(name, { migration, unique, table, rest: rest.replace(/\s+/g, ' ') });
    }
    for (const [, name = ''] of text.matchAll(DROP)) known.delete(name);
  }
  return known;
}

function invalidOf(invalid: readonly Index[]): Finding[] {
  if (invalid.length === 0) return [ok('invalid_indexes', 'All indexes are valid.')];
  return invalid.slice(0, LISTED_MAX).map(({ place, name, table }) =>
    warning('invalid_indexes', {
      found: `The index ${name} of ${toldName({ place, name: table })} is not valid, and nothing is building it.`,
      meaning: 'It was left by a build that did not finish. It costs writes and serves no read.',
      advice: 'As the owner of the table, run:',
      commands: [`REINDEX INDEX CONCURRENTLY ${sqlName({ place, name })};`],
    }),
  );
}

function missingOf(missing: readonly (readonly string[])[]): Finding[] {
  if (missing.length === 0) return [ok('missing_indexes', 'No index is missing.')];
  return [
    warning('missing_indexes', {
      found: `${missing.length} of the indexes of the migrations ${missing.length === 1 ? 'is' : 'are'} missing.`,
      meaning:
        'Statements that need them read whole tables. A unique one also keeps two rows from having the same key.',
      advice: 'As the owner of the tables, run:',
      commands: missing.flat(),
    }),
  ];
}

function othersOf(others: readonly Index[], role: string): Finding[] {
  if (others.length === 0) return [ok('other_indexes', 'There are no indexes besides.')];
  return others.slice(0, LISTED_MAX).map(({ place, name, table, isWhole }) =>
    note('other_indexes', {
      found: `${toldName({ place, name: table })} has an index that no migration creates: ${name}.`,
      meaning:
        'Every write maintains it, and on a column that usage changes, it ends HOT updates. The planner may prefer it to the right one.',
      advice: `Unless something other than the role ${role} needs it, as the owner of the table, run:`,
      commands: [`DROP INDEX ${isWhole ? '' : 'CONCURRENTLY '}${sqlName({ place, name })};`],
    }),
  );
}
