import type { Duplex } from 'node:stream';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';
import { NoConnectionError, PoolBusyError } from './failure.js';
import { noNames, pinnedClient, StatementNames } from './pinned-client.js';
import { partsFor, readAddress, type ServerAddress } from './server-address.js';
import { pinStatements, type TimeLimits } from './settings.js';
import { watchedSocket } from './sockets.js';
import { isTlsOptional, makeTlsOptional, tlsOf } from './tls.js';

/** Where the database is: a server, or the embedded engine behind a stream. */
export type DatabaseAddress =
  | { readonly connectionString: string }
  | { readonly stream: () => Duplex };

export interface DatabaseOptions {
  readonly address: DatabaseAddress;
  readonly poolMax: number;
  /** Additional connections, for reads. The embedded engine has one for everything. */
  readonly readPoolMax: number;
  /**
   * How long a call may wait for a connection, new ones included, and a statement for a lock; for a lock, half of the
   * statement's own limit at most, so that it is known what the statement waited for.
   */
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Reports an error on an idle connection, which has been replaced. */
  readonly onIdleError: (error: Error) => void;
  /** A pooler loses prepared statements; from now on they are not used. */
  readonly onUnprepared?: () => void;
}

export interface Database {
  readonly prisma: PrismaClient;
  /** For writes and what they depend on. */
  readonly pool: pg.Pool;
  /** For all other reads, so that readers never take the connections that writers need. */
  readonly readPool: pg.Pool;
  /** Waits for what is in progress, then closes all connections. */
  close(): Promise<void>;
}

const IDLE_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** Beyond the statement's own limit, which the server enforces: no answer by then means a dead network. */
const SILENCE_MARGIN_MS = 3_000;

/** Prisma's own limit expires after the pool's, whose error says more. */
const BEGIN_MARGIN_MS = 1_000;

/** A pool for writes, with Prisma on top, and one for reads. */
export function openDatabase(options: DatabaseOptions): Database {
  const { address, poolMax, readPoolMax, acquireTimeoutMs, statementTimeoutMs } = options;
  const names = new StatementNames(options.onUnprepared ?? ignore);
  const pool = openPool(options, poolMax, names);
  // The engine has a single backend.
  const readPool = 'stream' in address ? pool : openPool(options, readPoolMax, names);
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: false,
    onConnectionError: options.onIdleError,
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
    await Promise.all([...new Set([pool, readPool])].map((one) => one.end()));
  };
  return {
    prisma,
    pool,
    readPool,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** A limit on every wait. */
function openPool(options: DatabaseOptions, max: number, names: StatementNames): pg.Pool {
  const { address, acquireTimeoutMs, statementTimeoutMs } = options;
  const embedded = 'stream' in address;
  const idleTimeoutMs = Math.min(IDLE_TIMEOUT_MS, statementTimeoutMs);
  const lockTimeoutMs = Math.min(acquireTimeoutMs, Math.floor(statementTimeoutMs / 2));
  const pins = pinStatements({ statementTimeoutMs, lockTimeoutMs });
  const pool = new LimitedPool({
    ...connectionConfig(address),
    Client: clientFor(address, pinnedClient(pins, names)),
    ...(embedded ? {} : { stream: () => watchedSocket(statementTimeoutMs + SILENCE_MARGIN_MS) }),
    max: embedded ? 1 : max,
    min: 0,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: embedded ? 0 : idleTimeoutMs,
    maxLifetimeSeconds: 0,
    allowExitOnIdle: false,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', options.onIdleError);
  return pool;
}

export interface ConnectOptions {
  /** Without pins, it is for statements that PostgreSQL refuses in a transaction, and has the limits of its role. */
  readonly isPinned?: boolean;
  /** None by default, for migrations. */
  readonly limits?: TimeLimits;
  /** After how long without an answer the connection breaks; never by default. */
  readonly silenceMs?: number;
}

const UNLIMITED: TimeLimits = { statementTimeoutMs: 0, lockTimeoutMs: 0 };

/** A separate connection. */
export async function connectOnce(
  address: DatabaseAddress,
  timeoutMs: number,
  { isPinned = true, limits = UNLIMITED, silenceMs = 0 }: ConnectOptions = {},
): Promise<pg.Client> {
  const pins = pinStatements(limits);
  const Client = clientFor(address, isPinned ? pinnedClient(pins, noNames()) : pg.Client);
  let client: pg.Client | undefined;
  try {
    // Reads the certificates that the address names.
    client = new Client({
      ...connectionConfig(address),
      ...('stream' in address ? {} : { stream: () => watchedSocket(silenceMs) }),
      connectionTimeoutMillis: timeoutMs,
    });
    // The statement in progress reports the same error; unhandled, this one would end the process.
    client.on('error', ignore);
    await client.connect();
    return client;
  } catch (error) {
    // Without a farewell, which a server of another kind would never answer.
    client?.connection.stream.destroy();
    throw new NoConnectionError(textOf(error), { cause: error });
  }
}

type ClientClass = new (config?: pg.ClientConfig) => pg.Client;

/** The client's class, for connections to this address. */
function clientFor(address: DatabaseAddress, Client: ClientClass): ClientClass {
  if ('stream' in address) return Client;
  const server = readAddress(address.connectionString);
  return class extends Client {
    constructor(config?: pg.ClientConfig) {
      // Here, so that certificates that have been renewed are read.
      const tls = readTls(server);
      super({ ...config, ...partsFor(server), ssl: tls.ssl });
      if (tls.error !== null) refuseToConnect(this, tls.error);
      else if (isTlsOptional(server)) makeTlsOptional(this, config?.connectionTimeoutMillis ?? 0);
    }
  };
}

/** The pool also makes clients in events of sockets, where an error that is thrown would end the process. */
function readTls(server: ServerAddress): { ssl: pg.ClientConfig['ssl']; error: Error | null } {
  try {
    return { ssl: tlsOf(server), error: null };
  } catch (error) {
    return { ssl: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Makes the client fail to connect with an error. Its socket is never used, and its time-out would end the process. */
function refuseToConnect(client: pg.Client, error: Error): void {
  client.connection.stream.destroy();
  const refuse = (callback?: (error: Error) => void) => {
    if (callback === undefined) return Promise.reject(error);
    process.nextTick(callback, error);
    return undefined;
  };
  client.connect = refuse as pg.Client['connect'];
}

function connectionConfig(address: DatabaseAddress): pg.ClientConfig {
  const common = {
    application_name: 'tollgate',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  };
  if ('connectionString' in address) return common;
  // Everything that pg would otherwise take from PG* environment variables.
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

function ignore(): void {
  return;
}

function textOf(error: unknown): string {
  // If a host has several addresses, each has its own error; the aggregate error says nothing.
  if (error instanceof AggregateError && error.message === '') return textOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

type ConnectListener = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** Marks failures that happened before there was a connection, because then nothing has been sent. */
class LimitedPool extends pg.Pool {
  readonly #connected = new Set<pg.PoolClient>();

  constructor(config: pg.PoolConfig) {
    super(config);
    this.on('connect', (client) => this.#connected.add(client));
    this.on('remove', (client) => this.#connected.delete(client));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(listener: ConnectListener): void;
  override connect(listener?: ConnectListener): Promise<pg.PoolClient> | undefined {
    if (listener === undefined) {
      return super.connect().catch((error: unknown) => {
        throw this.#failure(error);
      });
    }
    super.connect((error, client, done) => {
      listener(error === undefined ? undefined : this.#failure(error), client, done);
    });
    return undefined;
  }

  /** If every connection is open, the pool is too small; it is not that the database does not answer. */
  #failure(error: unknown): Error {
    const isBusy = textOf(error) === WAITED_TOO_LONG && this.#connected.size >= this.options.max;
    const Failure = isBusy ? PoolBusyError : NoConnectionError;
    return new Failure(textOf(error), { cause: error });
  }
}

/** The message of pg-pool for a wait, be it for a connection to be opened or for one to become free. */
const WAITED_TOO_LONG = 'timeout exceeded when trying to connect';
