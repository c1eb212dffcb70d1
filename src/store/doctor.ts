import type pg from 'pg';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import { CHECKS } from './checks/all.js';
import type { Check, CheckContext, GatewaySettings } from './checks/check.js';
import { type Finding, note, warning } from './checks/finding.js';
import { LIMITS, type Limits } from './checks/limits.js';
import { readFacts } from './checks/server.js';
import { readServerSettings } from './checks/server-settings.js';
import { type ConnectOptions, connectOnce, type DatabaseAddress } from './database.js';
import { failureOf, messageOf, sqlStateOf } from './failure.js';
import { MIGRATIONS, readMigrations } from './migration-files.js';
import { isRecorded } from './migration-record.js';
import { PLACE_0, type Place, placesOf } from './placed.js';
import { readPlaces } from './places/places-record.js';

export interface DoctorOptions {
  readonly address: DatabaseAddress;
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

/** Examines a database and changes nothing. Fails if there is no connection. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { address, connectTimeoutMs } = options;
  const client = await connectOnce(address, connectTimeoutMs, CONNECTION);
  try {
    const context = await contextOf(client, options);
    const until = monotonicMs() + (options.timeoutMs ?? TIMEOUT_MS);
    const findings: Finding[] = [];
    for (const check of CHECKS) {
      if (context.folder !== null && !check.embedded) continue;
      if (check.tables && !context.isMigrated) continue;
      const isLate = monotonicMs() > until;
      findings.push(...(isLate ? late(check) : await examined(check, context)));
    }
    return findings;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function contextOf(client: pg.Client, options: DoctorOptions): Promise<CheckContext> {
  const { address, connectTimeoutMs, folder, gateway } = options;
  const known = await inTransaction(client, async () => ({
    facts: await readFacts(client),
    settings: await readServerSettings(client),
    isMigrated: await isRecorded(client),
  }));
  return {
    ...known,
    address,
    client,
    connect: () => connectOnce(address, connectTimeoutMs, { ...CONNECTION, isPinned: false }),
    folder,
    places: known.isMigrated ? await placesIn(client) : [PLACE_0],
    migrations: await readMigrations(MIGRATIONS),
    gateway,
    limits: { ...LIMITS, ...options.limits },
    wallClockMs: options.wallClockMs ?? wallClockMs,
  };
}

/** A role that may not see how many there are is told so, by the check of that. */
async function placesIn(client: pg.Client): Promise<readonly Place[]> {
  try {
    return placesOf(await inTransaction(client, () => readPlaces(client)));
  } catch (error) {
    if (sqlStateOf(error) !== DENIED) throw error;
    return [PLACE_0];
  }
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
