import { type Check, type CheckContext, LISTED_MAX } from './check.js';
import { type Finding, note, ok, warning } from './finding.js';
import { durationOf } from './sessions.js';
import { IN_ORDER, oneOfTables, sqlName, type TableName, toldName } from './table-names.js';
import { TABLES } from './tables.js';

/** What the server's statistics say of the tables; nothing is counted. */
export const vacuumChecks: readonly Check[] = [
  { codes: ['table_options'], embedded: false, tables: true, run: tableOptions },
  {
    codes: ['dead_rows', 'analyzed', 'hot_updates'],
    embedded: true,
    tables: true,
    run: statistics,
  },
];

/** As the migrations have them. */
const FILL_FACTORS: Readonly<Record<string, number>> = {
  customers: 80,
  balances: 70,
  reservations: 70,
};

const OPTIONS = `SELECT n.nspname AS place, relname AS name, coalesce(reloptions, '{}') AS options
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE relkind IN ('r', 'p') AND ${oneOfTables('c')} ORDER BY ${IN_ORDER}, relname`;

interface TableOptions extends TableName {
  readonly options: readonly string[];
}

async function tableOptions({ client, places }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<TableOptions>({ text: OPTIONS, values: [TABLES, places] });
  const found = rows.flatMap((table) => optionsOf(table, new Map(table.options.map(pair))));
  return found.length > 0
    ? found.slice(0, LISTED_MAX)
    : [ok('table_options', 'The tables have the options of the migrations.')];
}

function pair(option: string): [name: string, value: string] {
  const [name = '', value = ''] = option.split('=');
  return [name, value];
}

function optionsOf(table: TableName, options: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  const enabled = options.get('autovacuum_enabled') ?? 'true';
  if (['false', 'off', 'no', '0'].includes(enabled)) {
    findings.push(
      warning('table_options', {
        found: `autovacuum_enabled of ${toldName(table)} is ${enabled}.`,
        meaning: 'Its dead rows are not removed, and its statistics are not kept up to date.',
        advice: 'As its owner, run:',
        commands: [`ALTER TABLE ${sqlName(table)} RESET (autovacuum_enabled);`],
      }),
    );
  }
  const wanted = FILL_FACTORS[table.name];
  const fillFactor = options.get('fillfactor') ?? '100';
  if (wanted !== undefined && Number(fillFactor) > wanted) {
    findings.push(
      warning('table_options', {
        found: `The fillfactor of ${toldName(table)} is ${fillFactor}.`,
        meaning: 'Updates find no room on their page, so they change every index.',
        advice: 'As its owner, run this; what is written from then on has room:',
        commands: [`ALTER TABLE ${sqlName(table)} SET (fillfactor = ${wanted});`],
      }),
    );
  }
  return findings;
}

interface TableStatistics extends TableName {
  readonly live: number;
  readonly dead: number;
  readonly updates: number;
  readonly hot: number;
  readonly pages: number;
  readonly wasAnalyzed: boolean;
  /** Null if it has never been vacuumed. */
  readonly vacuumedSeconds: number | null;
}

const STATISTICS = `SELECT n.nspname AS place, s.relname AS name, n_live_tup::float8 AS live, n_dead_tup::float8 AS dead,
    n_tup_upd::float8 AS updates, n_tup_hot_upd::float8 AS hot, relpages::float8 AS pages,
    coalesce(last_analyze, last_autoanalyze) IS NOT NULL OR EXISTS (
      SELECT FROM pg_stats p WHERE p.schemaname = n.nspname AND p.tablename = s.relname) AS "wasAnalyzed",
    extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum))::float8 AS "vacuumedSeconds"
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND ${oneOfTables('c')} ORDER BY ${IN_ORDER}, s.relname`;

/** Usage changes no indexed column of these. */
const HOT: readonly string[] = ['balances', 'customers'];

async function statistics({ client, limits, places }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<TableStatistics>({
    text: STATISTICS,
    values: [TABLES, places],
  });
  const dead = rows.filter(
    (table) =>
      table.dead >= limits.deadRows && table.dead > limits.deadShare * (table.live + table.dead),
  );
  const unknown = rows.filter(
    ({ pages, live, wasAnalyzed }) =>
      !wasAnalyzed && (pages >= limits.analyzedPages || live >= limits.analyzedPages * 50),
  );
  const cold = rows.filter(
    ({ name, updates, hot }) =>
      HOT.includes(name) && updates >= limits.hotUpdates && hot < limits.hotShare * updates,
  );
  return [...deadOf(dead), ...unknownOf(unknown), ...coldOf(cold)];
}

function deadOf(dead: readonly TableStatistics[]): Finding[] {
  if (dead.length === 0) return [ok('dead_rows', 'No table has many dead rows.')];
  return dead.map((table) => {
    const { vacuumedSeconds } = table;
    const when = vacuumedSeconds === null ? 'never' : `${durationOf(vacuumedSeconds)} ago`;
    return warning('dead_rows', {
      found: `${toldName(table)} has about ${table.dead} dead rows beside ${table.live} live ones, and was vacuumed ${when}.`,
      meaning:
        'Reading a row passes over its dead versions. Autovacuum is too rare for this table, or a long transaction keeps it from removing them.',
      advice: 'As the owner of the table, run:',
      commands: [`VACUUM (ANALYZE) ${sqlName(table)};`],
    });
  });
}

function unknownOf(unknown: readonly TableStatistics[]): Finding[] {
  if (unknown.length === 0) return [ok('analyzed', 'The planner knows every table that is large.')];
  return unknown.map((table) =>
    note('analyzed', {
      found: `There are no statistics of ${toldName(table)}, as after a restore.`,
      meaning: 'The planner guesses, and may choose slower plans.',
      advice: 'As the owner of the table, run:',
      commands: [`ANALYZE ${sqlName(table)};`],
    }),
  );
}

function coldOf(cold: readonly TableStatistics[]): Finding[] {
  if (cold.length === 0) return [ok('hot_updates', 'Updates of usage change no index.')];
  return cold.map((table) =>
    warning('hot_updates', {
      found: `Of ${table.updates} updates of ${toldName(table)}, ${Math.floor((100 * table.hot) / table.updates)} % were HOT.`,
      meaning:
        'The others changed every index of the table, which grow. A long transaction, an index of your own (see other_indexes) or a fillfactor of 100 (see table_options) does that.',
      advice: 'Once that is out of the way, begin to count anew, as a superuser:',
      commands: [`SELECT pg_stat_reset_single_table_counters('${sqlName(table)}'::regclass);`],
    }),
  );
}
