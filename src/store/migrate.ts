import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { sha256Hex } from '../platform/digest.js';
import { uuidV7 } from '../platform/id.js';
import {
  CARELESS,
  checkEmpty,
  checkServer,
  checkTables,
  type Facts,
  MigrationError,
} from './check-server.js';
import { connectOnce, type DatabaseAddress } from './database.js';
import { type Failure, failureOf, mayAnswerLater, sqlStateOf } from './failure.js';
import { LockedError, LockPatience } from './lock-patience.js';
import { endWithClient } from './migration-session.js';
import { retrying } from './retry.js';

/** `src/store` and `dist/store` are both two levels below the package. */
const FOLDER = new URL('../../prisma/migrations/', import.meta.url);

/** The lock key of `prisma migrate` itself, so that the two never run at the same time. */
const LOCK_KEY = 72_707_369;

/** As `prisma migrate deploy` creates it. */
const CREATE_RECORD = `CREATE TABLE _prisma_migrations (
  id varchar(36) NOT NULL PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

export interface MigrateOptions {
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  /** Receives warnings that do not prevent the start. */
  readonly warn?: (sentence: string) => void;
  /** Is told what the migration waits for. */
  readonly say?: (sentence: string) => void;
  /** How long to try to get the locks of a migration. */
  readonly lockWaitMaxMs?: number;
}

/** Longer than most backups of a database, and than any transaction should be. */
const LOCK_WAIT_MAX_MS = 600_000;

/**
 * Applies the missing migrations, each in its own transaction, and returns their
 * names. Several processes may do so at once: each migration is applied by one of them.
 * Gateways may be running: none of them waits long behind a migration that waits for a lock.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations();
  const client = await connectOnce(options.address, options.connectTimeoutMs);
  const patience = new LockPatience({
    ...options,
    client,
    advisoryKey: LOCK_KEY,
    maxMs: options.lockWaitMaxMs ?? LOCK_WAIT_MAX_MS,
    say: options.say ?? (() => undefined),
  });
  const names: string[] = [];
  let isTold = false;
  const tellOnce = () => {
    if (!isTold) options.say?.(MIGRATED_ELSEWHERE);
    isTold = true;
  };
  try {
    const facts = await retrying(
      () => checkServer(client, { embedded: 'stream' in options.address }),
      () => false,
    );
    for (;;) {
      const name = await patience.until((lockWaitMs) =>
        applyNext(client, { migrations, facts, lockWaitMs, tellOnce }),
      );
      if (name === null) break;
      names.push(name);
    }
    await checkTables(client, facts);
    if (!facts.keepsPromises) options.warn?.(CARELESS);
    return names;
  } finally {
    await patience.end();
    await client.end();
  }
}

/** Whether anything was ever migrated here. If the table exists, the role does not need the right to create it. */
async function isRecorded(client: pg.Client): Promise<boolean> {
  // Not `to_regclass`, which may remember from before a lock was granted that the table is missing.
  const text = `SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
    WHERE schemaname = 'public' AND tablename = '_prisma_migrations') AS recorded`;
  const { rows } = await client.query<{ recorded: boolean }>({ text, values: [] });
  return rows[0]?.recorded === true;
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, FOLDER), 'utf8');
      return { name, sql, checksum: sha256Hex(sql) };
    }),
  );
}

interface Attempt {
  readonly migrations: readonly Migration[];
  readonly facts: Facts;
  readonly lockWaitMs: number;
  /** Tells that another process is migrating. */
  readonly tellOnce: () => void;
}

const MIGRATED_ELSEWHERE =
  'Another process is migrating the database. This one goes on when that has finished.';

/** The name of the migration that has been applied; null if none was missing. */
async function applyNext(
  client: pg.Client,
  { migrations, facts, lockWaitMs, tellOnce }: Attempt,
): Promise<string | null> {
  // Without the lock: a gateway that has nothing to migrate does not wait for the migration of a newer release.
  if (await isUpToDate(client, migrations)) return null;
  if (facts.isReadOnly) throw new MigrationError(NO_SPACE);
  await client.query('BEGIN');
  try {
    await endWithClient(client);
    await lockMigrations(client, tellOnce);
    await client.query("SET LOCAL client_min_messages = 'warning'");
    if (!(await isRecorded(client))) {
      await checkEmpty(client, facts);
      await client.query(CREATE_RECORD);
    }
    const next = await nextOf(client, migrations);
    if (next !== undefined) await apply(client, next, lockWaitMs);
    await client.query('COMMIT');
    return next?.name ?? null;
  } catch (error) {
    // A lost connection cannot roll back, and does not need to.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Only the embedded database gets this far, and it does not accept writes if its disk is nearly full. */
const NO_SPACE =
  'The embedded database has to be brought up to date, and there is too little space on its disk. Free some, then start again.';

/** Without a limit, because no gateway waits behind this. */
async function lockMigrations(client: pg.Client, tellOnce: () => void): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1) AS locked',
    [LOCK_KEY],
  );
  if (rows[0]?.locked === true) return;
  tellOnce();
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
}

/** Whether nothing is missing for certain: what looks wrong may be a migration in progress. */
async function isUpToDate(client: pg.Client, migrations: readonly Migration[]): Promise<boolean> {
  if (!(await isRecorded(client))) return false;
  try {
    return (await nextOf(client, migrations)) === undefined;
  } catch (error) {
    if (error instanceof MigrationError) return false;
    throw error;
  }
}

/** The first migration that is missing. Throws if the database does not belong to this release. */
async function nextOf(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<Migration | undefined> {
  const applied = await readApplied(client);
  checkApplied(applied, migrations);
  return migrations.find(({ name }) => !applied.has(name));
}

async function readApplied(client: pg.Client): Promise<Map<string, Applied>> {
  const { rows } = await client.query<Applied>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
    FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
  return new Map(rows.map((row) => [row.name, row]));
}

function checkApplied(
  applied: ReadonlyMap<string, Applied>,
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = [...applied.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0 && unknown.length === applied.size) {
    throw new MigrationError(
      `The database belongs to another program that uses Prisma: it has ${listed(unknown)}. Give ` +
        'Tollgate its own database.',
    );
  }
  if (unknown.length > 0) {
    throw new MigrationError(
      'The database was migrated by a newer version of Tollgate, which has ' +
        `${listed(unknown)}. Run that version or a later one.`,
    );
  }
  for (const { name, checksum, finished } of applied.values()) {
    if (!finished) {
      throw new MigrationError(
        `The migration ${name} was begun by "prisma migrate" and did not finish. Repair the ` +
          'database, then run "npx prisma migrate resolve".',
      );
    }
    if (known.get(name)?.checksum !== checksum) {
      throw new MigrationError(
        `The migration ${name} was applied to this database with a different text than the file has ` +
          'now. Restore the file: applied migrations are never edited, changes are new migrations.',
      );
    }
  }
}

async function apply(
  client: pg.Client,
  { name, sql, checksum }: Migration,
  lockWaitMs: number,
): Promise<void> {
  try {
    await client.query(`SET LOCAL lock_timeout = ${lockWaitMs}`);
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations
        (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
      VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [uuidV7(), checksum, name],
    );
  } catch (cause) {
    if (LOCKED.has(failureOf(cause))) throw new LockedError(name, { cause });
    if (mayAnswerLater(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = ADVICE.get(sqlStateOf(cause) ?? '') ?? '';
    throw new MigrationError(
      `The migration ${name} failed and was rolled back: ${reason}.${advice}`,
      { cause },
    );
  }
}

/** A lock was not granted, or would have been part of a deadlock. */
const LOCKED: ReadonlySet<Failure> = new Set<Failure>(['LOCK_TIMEOUT', 'SERIALIZATION']);

/** Another program has a table, a type or a function of that name. */
const OWN_DATABASE = ' Use a separate database for Tollgate.';

/** What to do about a migration that failed, by SQLSTATE. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['42501', ' Run `npm run db:migrate` as the role that owns the tables.'],
  ['53100', ' Free some disk space.'],
  ...['42P07', '42710', '42723'].map((taken) => [taken, OWN_DATABASE] as const),
]);

const LISTED_MAX = 5;

function listed(names: readonly string[]): string {
  const more = names.length > LISTED_MAX ? ` and ${names.length - LISTED_MAX} more` : '';
  return `${names.slice(0, LISTED_MAX).join(', ')}${more}`;
}
