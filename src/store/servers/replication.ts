/** Tables are copied from one server to another, and kept like there, by PostgreSQL's logical replication. */
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf, sqlStateOf } from '../failure.js';
import { conninfoOf } from './conninfo.js';
import { named, type ServerSession } from './server-sessions.js';
import { ServersError } from './servers-error.js';

/** The names of its parts: the publication and the subscription belong to a database, a slot to a whole server. */
export interface Replication {
  readonly source: ServerSession;
  readonly target: ServerSession;
  /** Of the publication and the subscription. */
  readonly name: string;
  readonly slot: string;
  /** How the publication names the tables. */
  readonly tables: readonly string[];
}

const POLL_MS = 20;

/** Makes what is missing. */
export async function replicate(replication: Replication): Promise<void> {
  const { source, target, name, slot, tables } = replication;
  if (!(await exists(source.client, PUBLICATION, name))) {
    await source.client.query(
      `CREATE PUBLICATION ${name} FOR TABLE ${tables.join(', ')} WITH (publish_via_partition_root = true)`,
    );
  }
  if (!(await exists(source.client, SLOT, slot))) {
    await source.client.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  }
  if (await exists(target.client, SUBSCRIPTION, name)) return;
  try {
    await target.client.query(
      `CREATE SUBSCRIPTION ${name} CONNECTION ${literal(conninfoOf(source.address.connectionString))} PUBLICATION ${name}
        WITH (create_slot = false, slot_name = ${slot})`,
    );
  } catch (error) {
    throw explained(error, source, target);
  }
}

/** Ends it, whatever there is of it. What cannot be reached on the source is left there if `source` is null. */
export async function endReplication({
  source,
  target,
  name,
  slot,
}: Omit<Replication, 'tables' | 'source'> & {
  readonly source: ServerSession | null;
}): Promise<void> {
  if (await exists(target.client, SUBSCRIPTION, name)) {
    await target.client.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    await target.client.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
    await target.client.query(`DROP SUBSCRIPTION ${name}`);
  }
  if (source !== null) await removePublication(source, name, slot);
}

/** What the source has of it. The subscriber may take a moment to leave the slot, or never does if its server cannot be reached. */
export async function removePublication(
  { client }: ServerSession,
  name: string,
  slot: string,
): Promise<void> {
  while (await exists(client, SLOT, slot)) {
    try {
      await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
    } catch (error) {
      if (sqlStateOf(error) !== IN_USE) throw error;
      await client.query(
        'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active_pid > 0',
        [slot],
      );
      await wait(POLL_MS);
    }
  }
  await client.query(`DROP PUBLICATION IF EXISTS ${name}`);
}

const IN_USE = '55006';

const PUBLICATION = 'SELECT FROM pg_catalog.pg_publication WHERE pubname = $1';
const SLOT = 'SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1';
const SUBSCRIPTION = `SELECT FROM pg_catalog.pg_subscription WHERE subname = $1
  AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

async function exists(client: pg.Client, text: string, name: string): Promise<boolean> {
  return (await client.query(text, [name])).rowCount === 1;
}

/** How often an attempt may fail, by the server's own count, before the command gives up. It fails until what is wrong is mended. */
const ERRORS_MAX = 3;

const STATE = `SELECT count(*) FILTER (WHERE srsubstate <> 'r')::int AS copying, count(*)::int AS tables,
    (SELECT sum(apply_error_count + sync_error_count)::int FROM pg_catalog.pg_stat_subscription_stats WHERE subid = s.oid) AS errors
  FROM pg_catalog.pg_subscription AS s LEFT JOIN pg_catalog.pg_subscription_rel ON srsubid = s.oid
  WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  GROUP BY s.oid`;

/** Waits until all tables were copied, and little is left of what was written meanwhile. */
export async function untilCopied({
  source,
  target,
  name,
  slot,
  tables,
}: Replication): Promise<void> {
  let before: number | null = null;
  for (;;) {
    const { rows } = await target.client.query<{ copying: number; tables: number; errors: number }>(
      STATE,
      [name],
    );
    const [state] = rows;
    if (state === undefined) throw new ServersError(`The subscription ${name} has been removed.`);
    before ??= state.errors;
    if (state.errors > before + ERRORS_MAX) {
      throw new ServersError(
        `What ${named(source.name)} has cannot be copied: ${named(target.name)} reports errors of the subscription ${name} in its log. ` +
          'Mend what they name, and run this again.',
      );
    }
    if (state.tables === tables.length && state.copying === 0) {
      if ((await bytesBehind(source, slot)) < NEAR_BYTES) return;
    }
    await wait(POLL_MS);
  }
}

/** What arrives in a moment. */
const NEAR_BYTES = 2 ** 20;

export async function bytesBehind(
  { client }: Pick<ServerSession, 'client'>,
  slot: string,
): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)::float8 AS bytes
    FROM pg_catalog.pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
  return rows[0]?.bytes ?? Number.POSITIVE_INFINITY;
}

/** Waits until the target has all that the source has written until now; false if that takes too long. */
export async function hasArrived(
  { source, target, slot }: Replication,
  maxMs: number,
): Promise<boolean> {
  const { rows } = await source.client.query<{ end: string }>(
    'SELECT pg_current_wal_insert_lsn()::text AS end',
  );
  const text =
    'SELECT confirmed_flush_lsn >= $2::pg_lsn AS arrived FROM pg_catalog.pg_replication_slots WHERE slot_name = $1';
  const until = performance.now() + maxMs;
  for (;;) {
    const found = await source.client.query<{ arrived: boolean }>(text, [slot, rows[0]?.end]);
    if (found.rows[0]?.arrived === true) return true;
    if (performance.now() > until) return false;
    // A commit of its own on each takes what was committed before it to the disk, before which it is not reported, or not even sent.
    for (const { client } of [source, target]) await client.query('SELECT pg_current_xact_id()');
    await wait(POLL_MS);
  }
}

function explained(error: unknown, source: ServerSession, target: ServerSession): unknown {
  if (!(error instanceof Error)) return error;
  if (!CONNECTION.test(sqlStateOf(error) ?? '')) return error;
  return new ServersError(
    `${named(target.name)} cannot connect to ${named(source.name)}: ${messageOf(error)}. Servers need to reach each other by the addresses that gateways have.`,
    { cause: error },
  );
}

const CONNECTION = /^(08|28)/;

function literal(text: string): string {
  return `E'${text.replaceAll(/['\\]/g, '$&$&')}'`;
}
