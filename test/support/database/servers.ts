/** The other servers that the places of a database are on, for whatever a test starts on it: see two-servers.ts. */
import type { DatabaseAddress } from '../../../src/store/database.js';

/** The connection strings by name. */
export type Servers = ReadonlyMap<string, string>;

const NONE: Servers = new Map();

/** By the connection string at home. */
const known = new Map<string, Servers>();

/** Of a database that this process has made, or uses. */
export function setServers(databaseUrl: string, servers: Servers): void {
  if (servers.size === 0) known.delete(databaseUrl);
  else known.set(databaseUrl, servers);
}

export function serversOf(databaseUrl: string): Servers {
  return known.get(databaseUrl) ?? NONE;
}

/** As options of a store. */
export function addressesOf(home: DatabaseAddress): ReadonlyMap<string, DatabaseAddress> {
  if (!('connectionString' in home)) return new Map();
  const all = [...serversOf(home.connectionString)];
  return new Map(all.map(([name, connectionString]) => [name, { connectionString }]));
}

/** As settings of a process. */
export function serverSettings(databaseUrl = ''): Record<string, string> {
  const all = [...serversOf(databaseUrl)];
  return Object.fromEntries(all.map(([name, url]) => [`DATABASE_URL_${name.toUpperCase()}`, url]));
}
