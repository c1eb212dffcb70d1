import type pg from 'pg';
import { HOME } from '../domain/place.js';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import { CHECKS } from './checks/all.js';
import type { Check, CheckContext, GatewaySettings, RecordedPlaces } from './checks/check.js';
import { type Finding, note, warning } from './checks/finding.js';
import { LIMITS, type Limits } from './checks/limits.js';
import { readFacts } from './checks/server.js';
import { readServerSettings } from './checks/server-settings.js';
import { type ConnectOptions, connectOnce, type DatabaseAddress } from './database.js';
import { failureOf, messageOf, sqlStateOf } from './failure.js';
import { MIGRATIONS, readMigrations } from './migration-files.js';
import { isRecorded } from './migration-record.js';
import { numberOf, PLACE_0, placesOf } from './placed.js';
import { readPlaces } from './places/places-record.js';
import { readPlaceMap, readServers } from './servers/place-map.js';

export interface DoctorOptions {
  readonly address: DatabaseAddress;
  /** The other servers that customers can be on, by name; none by default. */
  readonly servers?: ReadonlyMap<string, DatabaseAddress>;
  readonly connectTimeoutMs: number;
  /** Of the embedded database, where its files are; null for a server. */
  readonly folder: string | null;
  readonly gateway: GatewaySettings;
  readonly limits?: Partial<Limits>;
  readonly wallClockMs?: () => number;
  /** How long all of it may take; what has not been examined by then is reported as such. */
  readonly timeoutMs?: number;
}

/** Nothing that is examined needs nearly as long. */
const TIMEOUT_MS = 60_000;

/** Of each statement. They read catalogues and statistics, and of large tables a few pages. */
const STATEMENT_TIMEOUT_MS = 3_000;

/** Usage holds no lock for which a reader waits; a migration may. */
const LOCK_TIMEOUT_MS = 500;

const CONNECTION: ConnectOptions = {
  limits: { statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs: LOCK_TIMEOUT_MS },
  silenceMs: STATEMENT_TIMEOUT_MS * 2,
};

/**
 * Examines a database, and the other servers that its customers can be on, and changes nothing. Fails if there is no connection to the
 * first; whether there is one to the others is examined.
 */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const until = monotonicMs() + (options.timeoutMs ?? TIMEOUT_MS);
  const { address, connectTimeoutMs } = options;
  const client = await connectOnce(address, connectTimeoutMs, CONNECTION);
  try {
    const context = await contextOf(client, options);
    const findings = await allOf(context, until);
    for (const name of context.recorded.servers) {
      const other = context.servers.get(name);
      if (other !== undefined) findings.push(...(await onServer(name, other, context, until)));
    }
    return findings;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Each finding names the server. */
async function onServer(
  server: string,
  address: DatabaseAddress,
  home: CheckContext,
  until: number,
): Promise<Finding[]> {
  const findings = await ofOther(server, address, home, until);
  return findings.map((finding) => ({ ...finding, found: `Server ${server}: ${finding.found}` }));
}

async function ofOther(
  server: string,
  address: DatabaseAddress,
  home: CheckContext,
  until: number,
): Promise<Finding[]> {
  const client = await home.connectTo(address, true).catch(() => null);
  // It has been found that it cannot be reached.
  if (client === null) return [];
  try {
    const known = await knownOf(client);
    const places = [
      PLACE_0,
      ...home.recorded.places.filter((place) => home.recorded.serverOf(place) === server),
    ];
    const connect = () => home.connectTo(address, false);
    return await allOf({ ...home, ...known, address, client, connect, server, places }, until);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [unexamined('servers', error, home)];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function allOf(context: CheckContext, until: number): Promise<Finding[]> {
  const isHome = context.server === HOME;
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    if (context.folder !== null && !check.embedded) continue;
    if (check.tables && !context.isMigrated) continue;
    if (check.home === true && !isHome) continue;
    const places = check.ofCustomers === true && !isHome ? context.places.slice(1) : context.places;
    if (places.length === 0) continue;
    const isLate = monotonicMs() > until;
    findings.push(...(isLate ? late(check) : await examined(check, { ...context, places })));
  }
  return findings;
}

async function contextOf(client: pg.Client, options: DoctorOptions): Promise<CheckContext> {
  const { address, connectTimeoutMs, folder, gateway, servers = new Map() } = options;
  const connectTo = (to: DatabaseAddress, isPinned: boolean) =>
    connectOnce(to, connectTimeoutMs, { ...CONNECTION, isPinned });
  const known = await knownOf(client);
  const recorded = known.isMigrated ? await recordedIn(client) : NOTHING_RECORDED;
  return {
    ...known,
    address,
    client,
    connect: () => connectTo(address, false),
    connectTo,
    folder,
    places: recorded.places.filter((place) => recorded.serverOf(place) === HOME),
    recorded,
    server: HOME,
    servers,
    migrations: await readMigrations(MIGRATIONS),
    gateway,
    limits: { ...LIMITS, ...options.limits },
    wallClockMs: options.wallClockMs ?? wallClockMs,
  };
}

function knownOf(client: pg.Client) {
  return inTransaction(client, async () => ({
    facts: await readFacts(client),
    settings: await readServerSettings(client),
    isMigrated: await isRecorded(client),
  }));
}

const NOTHING_RECORDED: RecordedPlaces = { places: [PLACE_0], servers: [], serverOf: () => HOME };

/** A role that may not see how many there are is told so, by the check of that. An earlier release knows no other servers. */
async function recordedIn(client: pg.Client): Promise<RecordedPlaces> {
  const read = async <Result>(work: () => Promise<Result>, otherwise: Result) => {
    try {
      return await inTransaction(client, work);
    } catch (error) {
      if (!UNREADABLE.has(sqlStateOf(error) ?? '')) throw error;
      return otherwise;
    }
  };
  const places = placesOf(await read(() => readPlaces(client), 1));
  const servers = await read(() => readServers(client), []);
  const map = await read(() => readPlaceMap(client), new Map());
  return { places, servers, serverOf: (place) => map.get(numberOf(place))?.server ?? HOME };
}

/** The transaction can write nothing, whatever a statement calls. */
async function inTransaction<Result>(
  client: pg.Client,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN READ ONLY');
  try {
    return await work();
  } finally {
    // A lost connection cannot roll back, and does not need to.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

async function examined(check: Check, context: CheckContext): Promise<readonly Finding[]> {
  try {
    return await inTransaction(context.client, () => check.run(context));
  } catch (error) {
    // Without a connection, the rest would fail as well.
    const isLost = context.client.connection.stream.destroyed;
    if (isLost || !(error instanceof Error)) throw error;
    return check.codes.slice(0, 1).map((code) => unexamined(code, error, context));
  }
}

const DENIED = '42501';
const NO_TABLE = '42P01';
const UNREADABLE = new Set([DENIED, NO_TABLE]);

function unexamined(code: Finding['code'], error: Error, { facts }: CheckContext): Finding {
  const reason = messageOf(error).split('\n')[0] ?? '';
  const found = `This could not be examined: ${reason}.`;
  if (sqlStateOf(error) === DENIED) {
    return note(code, {
      found,
      meaning: 'The gateway does not need this right.',
      advice: 'As a superuser, run:',
      commands: [`GRANT pg_monitor TO ${facts.role};`],
    });
  }
  const isSlow = ['TIMEOUT', 'LOCK_TIMEOUT'].includes(failureOf(error));
  return warning(code, {
    found,
    meaning: isSlow ? 'The server is busy, or another session has locked a table.' : '',
    advice: 'Run this again later.',
  });
}

function late({ codes }: Check): Finding[] {
  return codes.slice(0, 1).map((code) =>
    warning(code, {
      found: 'This was not examined, because what came before took too long.',
      advice: 'Run this again later.',
    }),
  );
}
