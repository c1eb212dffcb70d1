import { resolve } from 'node:path';
import { z } from 'zod';
import { readArguments } from './config/arguments.js';
import { browserSettings } from './config/browser-settings.js';
import { databaseSettings } from './config/database-settings.js';
import { databaseUrlOf, sentenceAboutUrl } from './config/database-url.js';
import { type ForwardConfig, forwardConfigOf, forwardSettings } from './config/forward-settings.js';
import {
  type IdempotencyConfig,
  idempotencyConfigOf,
  idempotencySettings,
} from './config/idempotency-settings.js';
import { type ListenConfig, listenConfigOf, listenSettings } from './config/listen-settings.js';
import { type LogConfig, logConfigOf, logSettings } from './config/log-settings.js';
import { type MetricsConfig, metricsConfigOf, metricsSettings } from './config/metrics-settings.js';
import {
  type OperationBounds,
  operationBoundsOf,
  operationSettings,
} from './config/operation-bounds.js';
import { type PruneConfig, pruneConfigOf, pruneSettings } from './config/prune-settings.js';
import { type ReadConfig, readConfigOf, readSettings } from './config/read-settings.js';
import {
  problemsOfServers,
  type ServersConfig,
  serversConfigOf,
} from './config/server-settings.js';
import { type About, aboutOf, shown, whole } from './config/setting.js';
import {
  type ShutdownConfig,
  shutdownConfigOf,
  shutdownSettings,
} from './config/shutdown-settings.js';
import {
  type SubgraphConfig,
  subgraphConfigOf,
  subgraphSettings,
} from './config/subgraph-settings.js';
import { type SweepConfig, sweepConfigOf, sweepSettings } from './config/sweep-settings.js';
import {
  type TrustedDocumentsConfig,
  trustedDocumentsConfigOf,
  trustedDocumentsMisfit,
  trustedDocumentsSettings,
} from './config/trusted-documents-settings.js';
import {
  lanesOf,
  type WriteConfig,
  writeConfigOf,
  writeSettings,
} from './config/write-settings.js';

/** Where events and balances are kept. */
export type DatabaseConfig =
  | { readonly kind: 'POSTGRESQL'; readonly connectionString: string }
  | { readonly kind: 'EMBEDDED'; readonly folder: string };

export interface Config
  extends ForwardConfig,
    IdempotencyConfig,
    ListenConfig,
    LogConfig,
    MetricsConfig,
    OperationBounds,
    PruneConfig,
    ReadConfig,
    ServersConfig,
    ShutdownConfig,
    SweepConfig,
    TrustedDocumentsConfig,
    WriteConfig {
  readonly database: DatabaseConfig;
  /** The folder of the embedded database, even if another one is used. */
  readonly dataFolder: string;
  /** Those that customers are divided into. */
  readonly places: number;
  readonly databasePoolMax: number;
  readonly databaseAcquireTimeoutMs: number;
  readonly databaseWaitMs: number;
  readonly statementTimeoutMs: number;
  readonly graphiql: boolean;
  /** Origins whose pages may call from a browser: `*` for all, null for only our own. */
  readonly corsOrigins: readonly string[] | null;
  readonly bodyBytesMax: number;
  readonly requestsInFlightMax: number;
  /** How it is part of a larger graph; null if it is not. */
  readonly subgraph: SubgraphConfig | null;
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  /** A sentence for each invalid setting. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** The same, or the help text that was requested instead of a start. */
export type LoadedServerConfig = LoadedConfig | { readonly ok: false; readonly usage: string };

const KIB = 1024;
const MIB = 1024 * KIB;

const environmentSchema = z.object({
  ...databaseSettings,
  ...listenSettings,
  ...browserSettings,
  ...logSettings,
  DATABASE_POOL_MAX: whole({
    default: 10,
    min: 2,
    max: 1_000,
    meaning:
      'The maximum number of connections to PostgreSQL for writes and the reads that they depend on. The ' +
      'embedded database has one connection for everything.',
  }),
  DATABASE_ACQUIRE_TIMEOUT_MS: whole({
    default: 2_000,
    min: 100,
    max: 60_000,
    meaning:
      'How long a call may wait for a connection (then `OVERLOADED` if all are in use, `DATABASE_UNAVAILABLE` ' +
      'if none can be opened), or for a lock that ' +
      'another transaction holds (then `CUSTOMER_LOCKED`; at most half of `STATEMENT_TIMEOUT_MS`).',
  }),
  DATABASE_WAIT_MS: whole({
    default: 30_000,
    min: 0,
    max: 3_600_000,
    meaning: 'How long to wait at the start for a database that is down.',
  }),
  ...readSettings,
  STATEMENT_TIMEOUT_MS: whole({
    default: 10_000,
    min: 1_000,
    max: 600_000,
    meaning: 'How long a statement may run, and a transaction may last.',
  }),
  BODY_BYTES_MAX: whole({
    default: 2 * MIB,
    min: 128 * KIB,
    max: 64 * MIB,
    meaning: 'The largest request body, in bytes.',
  }),
  REQUESTS_IN_FLIGHT_MAX: whole({
    default: 768,
    min: 1,
    max: 1_000_000,
    meaning:
      'The maximum number of requests of every kind in flight in one process. For up to half a second, ' +
      'three times as many are accepted. The reads of one project may take at most three quarters of it. ' +
      'Further requests are refused.',
  }),
  ...operationSettings,
  ...subgraphSettings,
  ...writeSettings,
  ...forwardSettings,
  ...idempotencySettings,
  ...trustedDocumentsSettings,
  ...pruneSettings,
  ...sweepSettings,
  ...metricsSettings,
  ...shutdownSettings,
});

type Environment = z.infer<typeof environmentSchema>;

/** All settings, for the documentation. */
export function settings(): readonly (About & { readonly name: string })[] {
  return Object.entries(environmentSchema.shape).map(([name, schema]) => ({
    name,
    ...aboutOf(schema),
  }));
}

/** Reads the settings, once. An empty variable counts as not set. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): LoadedConfig {
  return load(environment, (name) => name);
}

/** The settings, with another address of the database if one is given. */
export function loadConfigFor(
  databaseUrl: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): LoadedConfig {
  const given = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  return loadConfig({ ...environment, ...given });
}

/** The settings, overridden by those on the command line. */
export function loadServerConfig(
  args: readonly string[] = process.argv.slice(2),
  environment: NodeJS.ProcessEnv = process.env,
): LoadedServerConfig {
  const read = readArguments(args);
  if (!read.ok) return read;
  if (read.workers === null) return loadConfig(environment);
  return load({ ...environment, WORKERS: read.workers }, (name) =>
    name === 'WORKERS' ? '--workers' : name,
  );
}

/** `nameOf` gives the name under which a setting was given. */
function load(environment: NodeJS.ProcessEnv, nameOf: (name: string) => string): LoadedConfig {
  const read = (name: string) => environment[name]?.trim() || undefined;
  const given = Object.fromEntries(settings().map(({ name }) => [name, read(name)]));
  given['DATABASE_URL'] = databaseUrlOf(given['DATABASE_URL'], read('PGSSLMODE'));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
    const problems = [...names].map((name) => problem(name, nameOf(name), read));
    return { ok: false, problems };
  }
  const misfit = misfitOf(parsed.data, nameOf);
  if (misfit !== null) return { ok: false, problems: [misfit] };
  const { PLACES } = parsed.data;
  const problems = problemsOfServers(environment, PLACES);
  if (problems.length > 0) return { ok: false, problems };
  const config = { ...toConfig(parsed.data), ...serversConfigOf(environment, PLACES) };
  return { ok: true, config: Object.freeze(config) };
}

/** Why settings that are valid individually cannot be used together. */
function misfitOf(environment: Environment, nameOf: (name: string) => string): string | null {
  const { DATABASE_POOL_MAX, DATABASE_URL, PLACES, WORKERS } = environment;
  const lanes = DATABASE_URL === undefined ? PLACES : lanesOf(environment);
  if (DATABASE_URL === undefined && WORKERS > 1) {
    return (
      `${nameOf('WORKERS')} asks for ${WORKERS} processes, but only one at a time can open the ` +
      'embedded database. Set DATABASE_URL to the address of a PostgreSQL, or use 1.'
    );
  }
  if (lanes >= DATABASE_POOL_MAX) {
    const counted =
      PLACES === 1
        ? `LANES is ${lanes}: it`
        : `With PLACES at ${PLACES}, there are ${lanes} lanes, ${lanes / PLACES} for each. That`;
    return (
      `${counted} must be less than DATABASE_POOL_MAX, which is ${DATABASE_POOL_MAX}, ` +
      'because other statements need connections too.'
    );
  }
  return trustedDocumentsMisfit(environment);
}

function toConfig(environment: Environment): Omit<Config, keyof ServersConfig> {
  const connectionString = environment.DATABASE_URL;
  return {
    database:
      connectionString === undefined
        ? { kind: 'EMBEDDED', folder: resolve(environment.DATA_DIR) }
        : { kind: 'POSTGRESQL', connectionString },
    dataFolder: resolve(environment.DATA_DIR),
    places: environment.PLACES,
    databasePoolMax: environment.DATABASE_POOL_MAX,
    databaseAcquireTimeoutMs: environment.DATABASE_ACQUIRE_TIMEOUT_MS,
    databaseWaitMs: environment.DATABASE_WAIT_MS,
    ...readConfigOf(environment),
    statementTimeoutMs: environment.STATEMENT_TIMEOUT_MS,
    ...listenConfigOf(environment),
    graphiql:
      environment.GRAPHIQL === undefined
        ? connectionString === undefined && environment.TRUSTED_DOCUMENTS !== 'enforce'
        : environment.GRAPHIQL === 'on',
    corsOrigins: environment.CORS_ORIGINS ?? null,
    ...logConfigOf(environment),
    bodyBytesMax: environment.BODY_BYTES_MAX,
    requestsInFlightMax: environment.REQUESTS_IN_FLIGHT_MAX,
    ...operationBoundsOf(environment),
    ...writeConfigOf(environment),
    ...forwardConfigOf(environment),
    ...idempotencyConfigOf(environment),
    ...trustedDocumentsConfigOf(environment),
    ...pruneConfigOf(environment),
    ...sweepConfigOf(environment),
    ...metricsConfigOf(environment),
    ...shutdownConfigOf(environment),
    subgraph: subgraphConfigOf(environment),
  };
}

function problem(name: string, label: string, read: (name: string) => string | undefined): string {
  const setting = settings().find((setting) => setting.name === name);
  const allowed = (setting?.allowed ?? '').replaceAll('`', '');
  const value = read(name) ?? '';
  if (name === 'DATABASE_URL') return sentenceAboutUrl(value, read('PGSSLMODE') ?? '', allowed);
  if (setting?.isSecret) return `${label} has ${value.length} characters: it must be ${allowed}.`;
  return `${label} is ${shown(value)}: it must be ${allowed}.`;
}
