import type pg from 'pg';
import {
  checkEmpty,
  checkServer,
  checkTables,
  MigrationError,
  warningsOf,
} from './check-server.js';
import type { Facts } from './checks/server.js';
import { ConcurrentIndexes } from './concurrent-index.js';
import { connectOnce, type DatabaseAddress } from './database.js';
import { type Failure, failureOf, mayAnswerLater } from './failure.js';
import { isUntouched } from './index-state.js';
import { LockedError, LockPatience } from './lock-patience.js';
import { adviceOn } from './migration-advice.js';
import { MIGRATIONS, type Migration, plainly, readMigrations } from './migration-files.js';
import { LOCK_KEY, lockMigrations } from './migration-lock.js';
import { CREATE_RECORD, isRecorded, isUpToDate, nextOf, record } from './migration-record.js';
import { endWithClient } from './migration-session.js';
import { keepPlaces } from './places/make-places.js';
import { retrying } from './retry.js';

export interface MigrateOptions {
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  /** Receives warnings that do not prevent the start. */
  readonly warn?: (sentence: string) => void;
  /** Is told what the migration waits for. */
  readonly say?: (sentence: string) => void;
  /** How long to try to get the locks of a migration. */
  readonly lockWaitMaxMs?: number;
  /** Where the migrations are. */
  readonly folder?: URL;
  /** In how many places customers are; 1 by default. A database that is new gets as many. */
  readonly places?: number;
  /** Whether it is the server of the catalogue; true by default. Another one gets no places. */
  readonly isHome?: boolean;
  /** Whether rows are to be moved into the database; false by default. */
  readonly isMove?: boolean;
}

/** Longer than most backups of a database, and than any transaction should be. */
const LOCK_WAIT_MAX_MS = 600_000;

/**
 * Applies the missing migrations, each in its own transaction, and returns their
 * names. Several processes may do so at once: each migration is applied by one of them.
 * Gateways may be running: none of them waits long behind a migration that waits for a lock.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? MIGRATIONS);
  const embedded = 'stream' in options.address;
  const client = await connectOnce(options.address, options.connectTimeoutMs);
  const say = options.say ?? (() => undefined);
  const maxMs = options.lockWaitMaxMs ?? LOCK_WAIT_MAX_MS;
  const patience = new LockPatience({ ...options, client, advisoryKey: LOCK_KEY, maxMs, say });
  // The embedded database has one connection, and no other process to hold up.
  const indexes = embedded ? null : new ConcurrentIndexes({ ...options, client, say });
  const names: string[] = [];
  let isTold = false;
  const tellOnce = () => {
    if (!isTold) say(MIGRATED_ELSEWHERE);
    isTold = true;
  };
  try {
    const facts = await retrying(
      () => checkServer(client, { embedded }),
      () => false,
    );
    for (;;) {
      // No gateway uses a database whose first migration is of this start.
      const isNew = names.length > 0 && names[0] === migrations[0]?.name;
      const { isMove = false } = options;
      const given = { migrations, facts, indexes, isNew, isMove, tellOnce };
      const step = await patience.until((lockWaitMs) =>
        applyNext(client, { ...given, lockWaitMs }),
      );
      if (step === null) break;
      if (step instanceof Function) await step();
      else names.push(step);
    }
    const { places = 1, isHome = true } = options;
    await keepPlaces(client, { places, isHome, tellOnce });
    await checkTables(client, facts);
    for (const sentence of warningsOf(facts)) options.warn?.(sentence);
    return names;
  } finally {
    await indexes?.end();
    await patience.end();
    await client.end();
  }
}

interface Attempt {
  readonly migrations: readonly Migration[];
  readonly facts: Facts;
  /** Null if indexes are built like all else, in a transaction. */
  readonly indexes: ConcurrentIndexes | null;
  /** Then, too, unless another process that has started meanwhile builds one. */
  readonly isNew: boolean;
  readonly isMove: boolean;
  readonly lockWaitMs: number;
  /** Tells that another process is migrating. */
  readonly tellOnce: () => void;
}

const MIGRATED_ELSEWHERE =
  'Another process is migrating the database. This one goes on when that has finished.';

/** The name of the migration that has been applied, or what to wait for before the next step; null if none was missing. */
async function applyNext(
  client: pg.Client,
  attempt: Attempt,
): Promise<string | (() => Promise<void>) | null> {
  const { migrations, facts, indexes, isNew, lockWaitMs, tellOnce } = attempt;
  // Without the lock: a gateway that has nothing to migrate does not wait for the migration of a newer release.
  if (await isUpToDate(client, migrations, attempt)) return null;
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
    const next = await nextOf(client, migrations, attempt);
    const isConcurrent =
      next !== undefined &&
      next.index !== null &&
      indexes !== null &&
      !(isNew && (await isUntouched(client, next.index)));
    const build = isConcurrent ? await indexes.begin(next.name, next.index) : null;
    if (next !== undefined && build === null) {
      // What is built concurrently only remains to be recorded.
      await (isConcurrent ? record(client, next) : apply(client, next, lockWaitMs));
    }
    await client.query('COMMIT');
    return build ?? next?.name ?? null;
  } catch (error) {
    // A lost connection cannot roll back, and does not need to.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Only the embedded database gets this far, and it does not accept writes if its disk is nearly full. */
const NO_SPACE =
  'The embedded database has to be brought up to date, and there is too little space on its disk. Free some, then start again.';

async function apply(client: pg.Client, migration: Migration, lockWaitMs: number): Promise<void> {
  const { name, index, sql } = migration;
  try {
    await client.query(`SET LOCAL lock_timeout = ${lockWaitMs}`);
    await client.query(index === null ? sql : plainly(migration));
    await record(client, migration);
  } catch (cause) {
    if (LOCKED.has(failureOf(cause))) throw new LockedError(name, { cause });
    if (mayAnswerLater(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(
      `The migration ${name} failed and was rolled back: ${reason}.${adviceOn(cause)}`,
      { cause },
    );
  }
}

/** A lock was not granted, or would have been part of a deadlock. */
const LOCKED: ReadonlySet<Failure> = new Set<Failure>(['LOCK_TIMEOUT', 'SERIALIZATION']);
