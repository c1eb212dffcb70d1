import type pg from 'pg';
import type { Finding } from './finding.js';
import type { Facts } from './server.js';
import { undoing } from './server.js';

/** A setting as it is where a session has not changed it. */
export interface ServerSetting {
  /** In `unit`, if it has one. */
  readonly value: string;
  readonly unit: string | null;
  /** Where it comes from, in the words of pg_settings; `server` for all that is the same for every role and database. */
  readonly source: string;
  readonly pendingRestart: boolean;
}

export type ServerSettings = ReadonlyMap<string, ServerSetting>;

interface SettingRow extends ServerSetting {
  readonly name: string;
}

/**
 * The transaction that reads them has settings of its own (ADR 21), so this is what they are reset to, and where that comes
 * from is looked up where roles and databases have theirs. The more specific one applies.
 */
const SETTINGS = `SELECT s.name, s.reset_val AS value, s.unit, s.pending_restart AS "pendingRestart",
    CASE WHEN s.source = 'client' THEN 'client' ELSE coalesce((SELECT
        CASE WHEN d.setdatabase <> 0 AND d.setrole <> 0 THEN 'database user' WHEN d.setrole <> 0 THEN 'user'
          WHEN d.setdatabase <> 0 THEN 'database' ELSE 'global' END
      FROM pg_db_role_setting d, unnest(d.setconfig) AS given
      WHERE d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
        AND lower(split_part(given, '=', 1)) = lower(s.name)
      ORDER BY d.setrole = 0, d.setdatabase = 0 LIMIT 1), 'server') END AS source
  FROM pg_settings s`;

export async function readServerSettings(client: pg.Client): Promise<ServerSettings> {
  const { rows } = await client.query<SettingRow>({ text: SETTINGS, values: [] });
  return new Map(rows.map(({ name, ...setting }) => [name, setting]));
}

/** Empty if the server does not have it, or does not show it to the role. */
export function settingOf(settings: ServerSettings, name: string): string {
  return settings.get(name)?.value ?? '';
}

/** NaN if the server does not have it. Times are in milliseconds, sizes in bytes. */
export function amountOf(settings: ServerSettings, name: string): number {
  const setting = settings.get(name);
  if (setting === undefined) return Number.NaN;
  return Number(setting.value) * unitOf(setting.unit);
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  B: 1,
  kB: 1_024,
  '8kB': 8_192,
  MB: 2 ** 20,
};

function unitOf(unit: string | null): number {
  return unit === null ? 1 : (UNITS[unit] ?? Number.NaN);
}

/** How a setting gets a better value: for the role or the database that has a worse one, or for the server. */
export function mending(
  { settings, facts }: { readonly settings: ServerSettings; readonly facts: Facts },
  name: string,
  value: string,
): Pick<Finding, 'advice' | 'commands'> {
  const { source = 'server' } = settings.get(name) ?? {};
  if (source !== 'server') return undoing(name, source, facts);
  return serverWide(`ALTER SYSTEM SET ${name} = ${value};`);
}

const RELOAD = 'SELECT pg_reload_conf();';

export function serverWide(command: string): Pick<Finding, 'advice' | 'commands'> {
  return { advice: 'As a superuser, run:', commands: [command, RELOAD] };
}

/** The same, for a setting that only a start of the server reads. */
export function atRestart(command: string): Pick<Finding, 'advice' | 'commands'> {
  return { advice: 'As a superuser, run this, and restart the server:', commands: [command] };
}
