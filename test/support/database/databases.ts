/** Databases on a test server: a template with the migrations applied, and copies of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../../src/store/migrate.js';
import { endConnections, withClient } from './connections.js';
import { endReplication } from './end-replication.js';
import { divideIfAsked } from './many-ranges.js';

const ATTEMPTS_MAX = 100;
const CONNECT_TIMEOUT_MS = 10_000;

export interface TestDatabase {
  readonly url: string;
  /** The other servers that its places are on, by name: see two-servers.ts. */
  readonly servers: ReadonlyMap<string, string>;
  drop(): Promise<void>;
}

export interface Template {
  readonly name: string;
  drop(): Promise<void>;
}

/**
 * The name is unique: two runs may share a server (TEST_DATABASE_URL), each with its own
 * migrations.
 */
export async function createTemplate(serverUrl: string): Promise<Template> {
  const name = uniqueName('tollgate_template');
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  await migrate({
    address: { connectionString: withDatabase(serverUrl, name) },
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  await divideIfAsked(withDatabase(serverUrl, name));
  // No more connections: a template with a session on it cannot be copied.
  await execute(serverUrl, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
  return { name, drop: () => drop(serverUrl, name) };
}

/** An empty database if no template is named. */
export async function createDatabaseOn(
  serverUrl: string,
  template = 'template0',
  name = uniqueName('tollgate_test'),
): Promise<TestDatabase> {
  for (let attempt = 1; ; attempt++) {
    try {
      await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
      break;
    } catch (error) {
      if (!isInUse(error) || attempt === ATTEMPTS_MAX) throw error;
      await delay(50);
    }
  }
  return {
    url: withDatabase(serverUrl, name),
    servers: new Map(),
    drop: () => drop(serverUrl, name),
  };
}

async function drop(serverUrl: string, name: string): Promise<void> {
  await endConnections(withDatabase(serverUrl, name));
  // With FORCE, because a failed test may have left a gateway with open connections.
  const statement = `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await execute(serverUrl, statement);
    } catch (error) {
      if (!isInUse(error) || attempt === ATTEMPTS_MAX) throw error;
      await endReplication(serverUrl, name);
    }
  }
}

async function execute(url: string, statement: string): Promise<void> {
  await withClient(url, (client) => client.query(statement));
}

function isInUse(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55006';
}

/** Lower case and underscores only, so that the name needs no quotes. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
