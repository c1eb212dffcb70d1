import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';
import { sha256Hex } from '../platform/digest.js';
import { NoConnectionError } from './failure.js';

/** Where the database is: a server, or the embedded engine behind a stream. */
export type DatabaseAddress =
  | { readonly connectionString: string }
  | { readonly stream: () => Duplex };

export interface DatabaseOptions {
  readonly address: DatabaseAddress;
  readonly poolMax: number;
  /** How long a call may wait for a connection, new ones included, and a statement for a lock. */
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** What went wrong on a connection that nobody was using; it has been replaced. */
  readonly onIdleError: (error: Error) => void;
}

export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** Waits for what is under way, then lets go of all connections. */
  close(): Promise<void>;
}

const IDLE_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** Beyond the statement's own limit, which the server keeps: no answer by then is a dead network. */
const SILENCE_MARGIN_MS = 3_000;

/** Prisma's own limit comes after the pool's, whose error says more. */
const BEGIN_MARGIN_MS = 1_000;

/** One pool, with a limit on every wait, and Prisma on top of it. */
export function openDatabase(options: DatabaseOptions): Database {
  const { address, poolMax, acquireTimeoutMs, statementTimeoutMs } = options;
  const embedded = 'stream' in address;
  const idleTimeoutMs = Math.min(IDLE_TIMEOUT_MS, statementTimeoutMs);
  const pool = new LimitedPool({
    ...connectionConfig(address),
    ...(embedded ? {} : { stream: () => watchedSocket(statementTimeoutMs + SILENCE_MARGIN_MS) }),
    // One engine has one backend.
    max: embedded ? 1 : poolMax,
    min: 0,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: embedded ? 0 : idleTimeoutMs,
    maxLifetimeSeconds: 0,
    allowExitOnIdle: false,
    onConnect: async (client) => {
      await client.query(sessionSettings(statementTimeoutMs, acquireTimeoutMs));
    },
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', options.onIdleError);
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: false,
    onConnectionError: options.onIdleError,
    // Texts of statements are bounded in number, so names are too. 63 bytes are PostgreSQL's limit.
    statementNameGenerator: ({ sql }) => `t${sha256Hex(sql).slice(0, 32)}`,
  });
  const prisma = new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    log: [],
    transactionOptions: {
      maxWait: acquireTimeoutMs + BEGIN_MARGIN_MS,
      timeout: statementTimeoutMs,
    },
  });
  let closed: Promise<void> | undefined;
  const close = async () => {
    await prisma.$disconnect();
    await pool.end();
  };
  return {
    prisma,
    pool,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** A connection of its own, without a limit on statements: for migrations. */
export async function connectOnce(address: DatabaseAddress, timeoutMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionConfig(address),
    connectionTimeoutMillis: timeoutMs,
  });
  // The statement under way reports the same error; unheard, this one would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sessionSettings(0, 0));
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new NoConnectionError(textOf(error), { cause: error });
  }
  return client;
}

function connectionConfig(address: DatabaseAddress): pg.ClientConfig {
  const common = {
    application_name: 'tollgate',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  };
  if ('connectionString' in address) {
    return { ...common, connectionString: address.connectionString };
  }
  // All that pg would else take from the environment's PG* variables.
  return {
    ...common,
    stream: address.stream,
    ssl: false,
    host: 'embedded',
    port: 5432,
    user: 'postgres',
    password: '',
    database: 'postgres',
  };
}

/**
 * Set by a statement, not at start-up: PgBouncer refuses start-up parameters that it does not know.
 * Prisma writes and reads times without a zone, hence UTC; the role's own settings must not matter.
 */
function sessionSettings(statementTimeoutMs: number, lockTimeoutMs: number): string {
  return [
    `SET TimeZone = 'UTC'`,
    `SET DateStyle = 'ISO, MDY'`,
    // Where the typed client looks for its tables, and so must all other SQL.
    'SET search_path = public',
    `SET default_transaction_isolation = 'read committed'`,
    // Every statement has an index to go by. A plan made while a table was small must not scan it when it has grown.
    'SET enable_seqscan = off',
    `SET statement_timeout = ${statementTimeoutMs}`,
    `SET lock_timeout = ${lockTimeoutMs}`,
    `SET idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
  ].join('; ');
}

/**
 * A socket that gives up when nothing has come or gone for so long. A network that swallows packets
 * would else hold a call for as long as the kernel retransmits: a quarter of an hour.
 */
function watchedSocket(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () => {
    const reason = `The database has been silent for ${silenceMs} ms`;
    socket.destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }));
  });
  return socket;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type ConnectListener = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** Marks what failed before there was a connection, because then nothing has been sent. */
class LimitedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(listener: ConnectListener): void;
  override connect(listener?: ConnectListener): Promise<pg.PoolClient> | undefined {
    if (listener === undefined) {
      return super.connect().catch((error: unknown) => {
        throw new NoConnectionError(textOf(error), { cause: error });
      });
    }
    super.connect((error, client, done) => {
      listener(
        error === undefined ? undefined : new NoConnectionError(error.message, { cause: error }),
        client,
        done,
      );
    });
    return undefined;
  }
}
