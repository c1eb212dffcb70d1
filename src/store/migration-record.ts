import type pg from 'pg';
import { uuidV7 } from '../platform/id.js';
import { MigrationError, refuse } from './check-server.js';
import { type Finding, ok, refusal, warning } from './checks/finding.js';
import type { Migration } from './migration-files.js';
import { MOVE_RECORD, unfinishedMove } from './move-record.js';
import { IS_PLACES_RECORD } from './places/places-record.js';

/** As `prisma migrate deploy` creates it. */
export const CREATE_RECORD = `CREATE TABLE _prisma_migrations (
  id varchar(36) NOT NULL PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly logs: string | null;
}

export interface RecordOptions {
  /** Whether the database may be one into which a move was begun, because this is a move; false by default. */
  readonly isMove?: boolean;
}

/** Whether anything was ever migrated here. If the table exists, the role does not need the right to create it. */
export async function isRecorded(client: pg.Client): Promise<boolean> {
  // Not `to_regclass`, which may remember from before a lock was granted that the table is missing.
  const text = `SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
    WHERE schemaname = 'public' AND tablename = '_prisma_migrations') AS recorded`;
  const { rows } = await client.query<{ recorded: boolean }>({ text, values: [] });
  return rows[0]?.recorded === true;
}

/** Whether nothing is missing for certain: what looks wrong may be a migration in progress. */
export async function isUpToDate(
  client: pg.Client,
  migrations: readonly Migration[],
  options: RecordOptions = {},
): Promise<boolean> {
  if (!(await isRecorded(client))) return false;
  try {
    return (await nextOf(client, migrations, options)) === undefined;
  } catch (error) {
    if (error instanceof MigrationError) return false;
    throw error;
  }
}

/** The first migration that is missing. Throws if the database does not belong to this release. */
export async function nextOf(
  client: pg.Client,
  migrations: readonly Migration[],
  { isMove = false }: RecordOptions = {},
): Promise<Migration | undefined> {
  const applied = await readApplied(client);
  if (isMove) applied.delete(MOVE_RECORD);
  refuse(misfits(applied, migrations));
  return migrations.find(({ name }) => !applied.has(name));
}

export async function record(
  client: pg.Client,
  { name, checksum }: Pick<Migration, 'name' | 'checksum'>,
): Promise<void> {
  await client.query(
    `INSERT INTO public._prisma_migrations
      (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [uuidV7(), checksum, name],
  );
}

async function readApplied(client: pg.Client): Promise<Map<string, Applied>> {
  const { rows } = await client.query<Applied>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, logs
    FROM public._prisma_migrations WHERE rolled_back_at IS NULL AND NOT ${IS_PLACES_RECORD} ORDER BY started_at, migration_name`,
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** What does not belong to this release; nothing if all is well, whatever is still missing. */
function misfits(
  applied: ReadonlyMap<string, Applied>,
  migrations: readonly Migration[],
): Finding[] {
  const move = applied.get(MOVE_RECORD);
  if (move !== undefined) return [unfinishedMove(move.logs)];
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = [...applied.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) return [foreign(unknown, unknown.length === applied.size)];
  return [...applied.values()].flatMap(({ name, checksum, finished }) => {
    if (!finished) {
      return refusal('migrations', {
        found: `The migration ${name} was begun by "prisma migrate" and did not finish.`,
        advice: 'Repair the database, then run "npx prisma migrate resolve".',
      });
    }
    if (known.get(name)?.checksum === checksum) return [];
    return refusal('migrations', {
      found: `The migration ${name} was applied to this database with a different text than the file has now.`,
      advice: 'Restore the file: applied migrations are never edited, changes are new migrations.',
    });
  });
}

function foreign(unknown: readonly string[], areAll: boolean): Finding {
  return areAll
    ? refusal('migrations', {
        found: `The database belongs to another program that uses Prisma: it has ${listed(unknown)}.`,
        advice: 'Give Tollgate its own database.',
      })
    : refusal('migrations', {
        found: `The database was migrated by a newer version of Tollgate, which has ${listed(unknown)}.`,
        advice: 'Run that version or a later one.',
      });
}

/** Whether the database has the migrations of this release. It must have a record of them. */
export async function migrationFindings(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<Finding[]> {
  const applied = await readApplied(client);
  const found = misfits(applied, migrations);
  if (found.length > 0) return found;
  const missing = migrations.map(({ name }) => name).filter((name) => !applied.has(name));
  if (missing.length === 0) {
    return [ok('migrations', `The database has all ${migrations.length} migrations.`)];
  }
  return [
    warning('migrations', {
      found: `The database lacks ${listed(missing)}.`,
      meaning: 'The next start applies what is missing.',
      advice: 'To do so now, run:',
      commands: ['npm run db:migrate'],
    }),
  ];
}

const LISTED_MAX = 5;

function listed(names: readonly string[]): string {
  const more = names.length > LISTED_MAX ? ` and ${names.length - LISTED_MAX} more` : '';
  return `${names.slice(0, LISTED_MAX).join(', ')}${more}`;
}
