import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config.js';
import { UnavailableError } from '../domain/unavailable.js';
import type { Neighbours } from '../meter/neighbours/neighbour.js';
import { createReadQueue, type ReadQueue } from '../meter/read/read-queue.js';
import { createWriteQueue, type WriteQueue } from '../meter/write/write-queue.js';
import { monotonicMs } from '../platform/clock.js';
import { MigrationError } from '../store/check-server.js';
import type { DatabaseAddress } from '../store/database.js';
import { openEmbeddedDatabase } from '../store/embedded/embedded-database.js';
import { FolderInUseError } from '../store/embedded/folder-lock.js';
import { refuseMoved } from '../store/embedded/moved-mark.js';
import { mayAnswerLater, messageOf } from '../store/failure.js';
import { migrate } from '../store/migrate.js';
import { placesOf } from '../store/placed.js';
import { type OpenStore, openStore } from '../store/store.js';
import type { Tracing } from '../tracing/tracing.js';
import { locationOf, sentenceAbout } from './database-trouble.js';
import { prepareServers } from './prepare-servers.js';
import { CommandError } from './run.js';

export interface Opened {
  readonly store: OpenStore;
  readonly writeQueue: WriteQueue;
  readonly readQueue: ReadQueue;
  /** Where the data is, for messages. */
  readonly place: string;
  /** The migrations that were applied. */
  readonly migrated: readonly string[];
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Whether to wait for the database and bring it up to date; a worker's primary process has. */
  readonly migrates: boolean;
  /** Reports progress to the user. */
  readonly say: (sentence: string) => void;
  readonly onIdleError: (error: Error) => void;
  /** Reports something unwise about the database that does not prevent the start. */
  readonly warn: (sentence: string) => void;
  /** Null, the default, if there are no traces. */
  readonly tracing?: Tracing | null;
  /** Null, the default, if there are none. */
  readonly neighbours?: Neighbours | null;
  /** The embedded database cannot continue. */
  readonly onFatal: (error: Error) => void;
}

/**
 * The embedded engine serves one statement at a time, so calls queue up for its connection. With one read among them at
 * most, a write waits for one read and no more.
 */
const EMBEDDED = { lanes: 1, readsInFlight: 1, acquireTimeoutMs: 10_000 } as const;

const UNPREPARED =
  'The pooler in front of the database does not keep prepared statements, so each statement is planned anew. ' +
  'PgBouncer keeps them from version 1.21 on, with max_prepared_statements above 0.';

const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 250;

/** Opens the configured database, waits for it if necessary, and brings it up to date. */
export async function open(config: Config, options: OpenOptions): Promise<Opened> {
  const { database } = config;
  if (database.kind === 'POSTGRESQL') {
    const { connectionString } = database;
    const place = locationOf(connectionString);
    const migrated = options.migrates
      ? await migrateWhenReachable(config, connectionString, options)
      : [];
    if (options.migrates) await prepareServers(config, connectionString, options);
    return opened(config, options, { address: { connectionString }, place, migrated });
  }
  refuseMoved(database.folder);
  const embedded = await openEmbeddedDatabase({ folder: database.folder });
  embedded.onFatal(options.onFatal);
  const address = { stream: embedded.stream };
  try {
    const migrated = await migrate({
      address,
      connectTimeoutMs: EMBEDDED.acquireTimeoutMs,
      places: config.places,
    });
    const place = `the embedded database in ${database.folder}`;
    const inside = opened(config, options, { address, place, migrated });
    return {
      ...inside,
      close: async () => {
        await inside.close();
        await embedded.close();
      },
    };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

interface Place {
  readonly address: DatabaseAddress;
  readonly place: string;
  readonly migrated: readonly string[];
}

function opened(config: Config, options: OpenOptions, { address, ...place }: Place): Opened {
  const embedded = 'stream' in address;
  const store = openStore({
    address,
    poolMax: config.databasePoolMax,
    readPoolMax: config.readPoolMax,
    acquireTimeoutMs: embedded ? EMBEDDED.acquireTimeoutMs : config.databaseAcquireTimeoutMs,
    statementTimeoutMs: config.statementTimeoutMs,
    clockOffsetMs: () => 0,
    places: placesOf(config.places),
    servers: new Map(
      [...config.servers].map(([name, url]) => [name, { connectionString: url }] as const),
    ),
    onIdleError: options.onIdleError,
    onUnprepared: () => options.warn(UNPREPARED),
  });
  const writeQueue = createWriteQueue({
    ...store.servers,
    store,
    lanes: embedded ? EMBEDDED.lanes : config.lanes,
    places: config.places,
    poolMax: config.databasePoolMax,
    batchItemsMax: config.batchItemsMax,
    batchBytesMax: config.batchBytesMax,
    queueItemsMax: config.queueItemsMax,
    queueWaitMaxMs: config.queueWaitMaxMs,
    cachedBalancesMax: config.cachedBalancesMax,
    monotonicMs,
    tracing: options.tracing ?? null,
    neighbours: options.neighbours ?? null,
  });
  const readQueue = createReadQueue({
    ...store.servers,
    path: store.reads,
    inFlightMax: embedded ? EMBEDDED.readsInFlight : config.readPoolMax,
    inFlightPerProjectMax: config.readsPerProjectMax,
    waitingPerProjectMax: config.readQueueMax,
    waitMaxMs: config.readWaitMaxMs,
    monotonicMs,
    tracing: options.tracing ?? null,
  });
  return { ...place, store, writeQueue, readQueue, close: () => store.close() };
}

/** Brings a server's database up to date; returns the names of the migrations applied. */
export async function migrateWhenReachable(
  config: Config,
  connectionString: string,
  { say, warn }: Pick<OpenOptions, 'say' | 'warn'>,
): Promise<string[]> {
  const address = { connectionString };
  const place = locationOf(connectionString);
  const start = monotonicMs();
  let said = false;
  for (;;) {
    try {
      const { places } = config;
      return await migrate({ address, connectTimeoutMs: CONNECT_TIMEOUT_MS, places, warn, say });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!mayAnswerLater(error)) throw explained(error, connectionString);
      const seconds = config.databaseWaitMs / 1_000;
      if (monotonicMs() - start >= config.databaseWaitMs) {
        throw new CommandError(
          `${place} could not be reached within ${seconds} s: ${reasonOf(error)}. Start it, or ` +
            'correct DATABASE_URL.',
          { cause: error },
        );
      }
      if (!said) say(`${place} cannot be reached: ${reasonOf(error)}. Waiting up to ${seconds} s.`);
      said = true;
      await wait(RETRY_INTERVAL_MS);
    }
  }
}

/** What the connection or the server said. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return error instanceof UnavailableError && cause instanceof Error
    ? messageOf(cause)
    : messageOf(error);
}

/** A problem with the database itself has its own message. */
function explained(error: Error, connectionString: string): Error {
  if (error instanceof MigrationError) return error;
  const sentence = sentenceAbout(error, connectionString);
  return sentence === null ? error : new CommandError(sentence, { cause: error });
}

/** For commands that do one thing and exit. */
export async function openQuietly(config: Config): Promise<Opened> {
  const opening = open(config, {
    migrates: true,
    say: (sentence) => console.error(sentence),
    onIdleError: () => undefined,
    warn: () => undefined,
    onFatal: (error) => {
      console.error(error.message);
      process.exit(1);
    },
  });
  return freedFirst(() => opening);
}

/** Opens the embedded database; if another process uses it, the error says how to go on. */
export async function freedFirst<Result>(open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    throw new CommandError(
      `${runningOn(error)} Stop it with Ctrl-C, run this command again, then restart it. A PostgreSQL in ` +
        'DATABASE_URL can be used by both at once.',
      { cause: error },
    );
  }
}

export function runningOn({ folder }: FolderInUseError): string {
  return `The gateway on ${folder} is running, and the embedded database serves only one process.`;
}
