import { PLACE_0 } from '../placed.js';
import { isAhead } from '../ranges/range-state.js';
import {
  LET_GO_NAMES,
  type RangedTable,
  rangedTables,
  toldName as toldRange,
} from '../ranges/ranged-tables.js';
import { type Range, readRanges } from '../ranges/read-ranges.js';
import { type Check, type CheckContext, type GatewaySettings, LISTED_MAX } from './check.js';
import { type Finding, note, ok, problem, warning } from './finding.js';
import { sizeOf } from './storage.js';
import {
  IN_ORDER,
  oneOfTables,
  sqlName,
  type TableName,
  toldName,
  toldNames,
} from './table-names.js';

/** Whether months can be let go, and are. */
export const rangeChecks: readonly Check[] = [
  { codes: ['ranges'], embedded: true, tables: true, ofCustomers: true, run: rangesOfMonths },
  { codes: ['range_owner'], embedded: true, tables: true, ofCustomers: true, run: rangeOwner },
  { codes: ['let_go_tables'], embedded: true, tables: true, ofCustomers: true, run: letGoTables },
];

const DAY_MS = 86_400_000;

/** The work on ranges is done once a day, and may be a day late. */
const GRACE_MS = 2 * DAY_MS;

/** Gateways finish long before that, or take back, what refuses rows from some time on. */
const REFUSES_SOON_MS = 14 * DAY_MS;

/** The settings of those tables of which months are to go; empty for none. */
function settingsOf({ eventsDays, ledgerDays }: GatewaySettings): string {
  return [
    ...(eventsDays === null ? [] : [`EVENTS_DAYS is ${eventsDays}`]),
    ...(ledgerDays === null ? [] : [`LEDGER_DAYS is ${ledgerDays}`]),
  ].join(' and ');
}

const NOW = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now';

async function rangesOfMonths(context: CheckContext): Promise<Finding[]> {
  const { client, places } = context;
  const { rows } = await client.query<{ now: number }>({ text: NOW, values: [] });
  const now = rows[0]?.now ?? Number.NaN;
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  for (const table of places.flatMap(rangedTables)) {
    const ranges = await readRanges(client, table);
    const last = ranges.at(-1);
    if (last === undefined) continue;
    counts.set(table.name, (counts.get(table.name) ?? 0) + ranges.length);
    const finding = refusing(table, last, now) ?? (await behind(context, table, last, now));
    if (finding !== null) findings.push(finding);
  }
  if (findings.length > 0) return findings.slice(0, LISTED_MAX);
  const told = [...counts].map(([name, count]) => `${name} has ${count}`).join(', ');
  const where = places.length === 1 ? '' : ` in ${places.length} places`;
  return [ok('ranges', `Ranges${where}: ${told}.`)];
}

const ADVICE = {
  advice: 'As the owner of the tables, run:',
  commands: ['npm run db:migrate'],
};

/** What closes a range refuses what comes later, so it must not be left. */
function refusing(table: RangedTable, { name, closing }: Range, now: number): Finding | null {
  if (closing === null || closing.at - now >= REFUSES_SOON_MS) return null;
  const date = new Date(closing.at).toISOString().slice(0, 10);
  return problem('ranges', {
    found: `The last range, ${toldRange(table, name)}, was to be closed, and that was not finished.`,
    meaning: `Until it is, the range refuses what comes after ${date}, with which usage fails. Gateways finish it once a day, if they can.`,
    ...ADVICE,
  });
}

async function behind(
  { client, gateway }: CheckContext,
  table: RangedTable,
  last: Range,
  now: number,
): Promise<Finding | null> {
  const settings = settingsOf(gateway);
  // What is being closed is reported once it takes too long.
  if (settings === '' || last.closing !== null || isAhead(last, now - GRACE_MS)) return null;
  if (last.from === null) {
    // The tables are new, or were divided just now.
    const { rows } = await client.query<{ recent: boolean }>({
      text: RECENT,
      values: [GRACE_MS / 1_000],
    });
    if (rows[0]?.recent === true) return null;
  }
  const found =
    last.from === null
      ? `${toldRange(table)} has one range without an end`
      : `The last range of ${toldRange(table)} begins on ${new Date(last.from).toISOString().slice(0, 10)}`;
  return warning('ranges', {
    found: `${found}, and ${settings}.`,
    meaning:
      'Ranges of the coming months have not been added for days, so months cannot be let go by themselves. Rows are recorded all the same. The log of the gateway says why, or none has run for a minute.',
    ...ADVICE,
  });
}

const RECENT = `SELECT coalesce(max(finished_at) > clock_timestamp() - make_interval(secs => $1), false) AS recent
  FROM public._prisma_migrations WHERE migration_name LIKE '%\\_ranges'`;

/** Of a partitioned table and each of its ranges, which are changed one by one. */
const OTHERS = `SELECT n.nspname AS place, c.relname AS name, pg_get_userbyid(c.relowner) AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ${oneOfTables('c')}
    AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY ${IN_ORDER}, c.relname`;

const CLOSED = `SELECT nspname AS place FROM pg_namespace
  WHERE nspname = ANY ($1) AND NOT has_schema_privilege(oid, 'CREATE') ORDER BY array_position($1::text[], nspname::text)`;

interface Owned extends TableName {
  readonly owner: string;
}

async function rangeOwner({ client, gateway, facts, places }: CheckContext): Promise<Finding[]> {
  const settings = settingsOf(gateway);
  if (settings === '') return [ok('range_owner', 'No months are to be let go.')];
  const { rows } = await client.query<Owned>({
    text: OTHERS,
    values: [rangedTables(PLACE_0).map(({ name }) => name), places],
  });
  const { role } = facts;
  const closed = await client.query<{ place: string }>({ text: CLOSED, values: [places] });
  const schemas = closed.rows.map(({ place }) => place);
  if (rows.length === 0 && schemas.length === 0) {
    return [ok('range_owner', `The role ${role} may let months go.`)];
  }
  const owners = [...new Set(rows.map(({ owner }) => owner))].join(', ');
  const lacking = [
    ...(rows.length === 0 ? [] : [`does not own ${namesOf(rows)}, but ${owners}`]),
    ...(schemas.length === 0
      ? []
      : [
          `may not create tables in the schema${schemas.length === 1 ? '' : 's'} ${schemas.join(', ')}`,
        ]),
  ].join(', and ');
  return [
    warning('range_owner', {
      found: `The role ${role} ${lacking}; ${settings}.`,
      meaning: 'Only the owner of a table can detach a range of it, so no month is let go.',
      advice: 'As a superuser, run:',
      commands: [
        ...schemas.map((place) => `GRANT CREATE ON SCHEMA ${place} TO ${role};`),
        ...rows.map((table) => `ALTER TABLE ${sqlName(table)} OWNER TO ${role};`),
      ],
    }),
  ];
}

const LET_GO = `SELECT nspname AS place, relname AS name, pg_total_relation_size(c.oid)::float8 AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname = ANY ($1) AND relkind = 'r' AND NOT relispartition
    AND relname ~ ${LET_GO_NAMES}
  ORDER BY array_position($1::text[], nspname::text), relname`;

interface LetGo extends TableName {
  readonly bytes: number;
}

async function letGoTables({ client, gateway, places }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<LetGo>({ text: LET_GO, values: [places] });
  const { dropDetached, eventsDays, ledgerDays } = gateway;
  // The next daily run drops the others.
  const kept = rows.filter(
    ({ name }) =>
      !dropDetached || (name.startsWith('let_go_events_') ? eventsDays : ledgerDays) === null,
  );
  if (kept.length === 0) return [ok('let_go_tables', 'No month that was let go is kept.')];
  const bytes = kept.reduce((sum, table) => sum + table.bytes, 0);
  const listed = kept.slice(0, LISTED_MAX);
  const names = listed.map((table) => `${toldName(table)} (${sizeOf(table.bytes)})`).join(', ');
  const more = kept.length > listed.length ? `, and ${kept.length - listed.length} more` : '';
  return [
    note('let_go_tables', {
      found: `Months that were let go take ${sizeOf(bytes)}: ${names}${more}.`,
      meaning: 'Nothing reads them, and nothing drops them: that is up to you.',
      advice:
        'Keep elsewhere what you need of them (docs/operations/retention.md). To drop them then, as their owner, run:',
      commands: listed.map((table) => `DROP TABLE ${sqlName(table)};`),
    }),
  ];
}

function namesOf(tables: readonly TableName[]): string {
  const more = tables.length - LISTED_MAX;
  return `${toldNames(tables.slice(0, LISTED_MAX))}${more > 0 ? ` and ${more} more` : ''}`;
}
