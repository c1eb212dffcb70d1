/** Two gateways in separate processes on one database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { CATALOGUE } from '../cases/case.js';
import type { PlainFeature } from '../cases/plain-feature.js';
import { type Client, createClient, patient } from '../client/client.js';
import { createFeature } from '../client/operations.js';
import { openPool } from '../database/connections.js';
import { createDatabase } from '../database/database.js';
import { createProject, damagesOf } from '../database/project.js';
import {
  type GatewayOrder,
  type ShiftableGateway,
  startGatewayProcess,
} from './gateway-process.js';

export interface TwoGateways {
  /** A client of each. */
  readonly clients: readonly [Client, Client];
  readonly databaseUrl: string;
  sql<Row extends pg.QueryResultRow>(query: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Sets the clock of both; it runs on from there. */
  setClock(at: number): Promise<void>;
  /** The balances that are not the sum of their ledger. */
  audit(): ReturnType<typeof damagesOf>;
  /** How often PostgreSQL had to abort a transaction because two waited for each other. */
  deadlocks(): Promise<number>;
  close(): Promise<void>;
}

export interface TwoGatewaysOptions extends Partial<Omit<GatewayOrder, 'databaseUrl'>> {
  readonly features?: readonly PlainFeature[];
  /** The level of transactions that do not set one. */
  readonly defaultIsolation?: 'serializable';
  /** Whether they send each other commands. */
  readonly sideBySide?: boolean;
}

export async function startTwoGateways({
  features = CATALOGUE,
  defaultIsolation,
  sideBySide = false,
  ...options
}: TwoGatewaysOptions = {}): Promise<TwoGateways> {
  const database = await createDatabase();
  const secret = await createProject(database.url);
  const pool = openPool(database.url, 4);
  const sql: TwoGateways['sql'] = async (query, values = []) =>
    (await pool.query(query, [...values])).rows;
  if (defaultIsolation !== undefined) await sql(setIsolation(defaultIsolation));
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-'));
  const members = ['1', '2'].map((id) => ({ id, address: join(folder, id) }));
  const gateways = await Promise.all(
    members.map((beside) =>
      startGatewayProcess({ ...options, databaseUrl: database.url, ...(sideBySide && { beside }) }),
    ),
  );
  if (sideBySide) await Promise.all(gateways.map((gateway) => gateway.meet(members)));
  const [left, right] = gateways.map(({ origin }) => patient(createClient(origin, secret)));
  if (left === undefined || right === undefined) throw new Error('two gateways were started');
  for (const feature of features) await createFeature(left, feature);
  return {
    clients: [left, right],
    databaseUrl: database.url,
    sql,
    setClock: async (at) => setClock(at, gateways, sql),
    audit: () => damagesOf({ connectionString: database.url }),
    deadlocks: async () => {
      const [row] = await sql<{ deadlocks: number }>(
        'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
      );
      return row?.deadlocks ?? Number.NaN;
    },
    close: async () => {
      const codes = await Promise.all(gateways.map((gateway) => gateway.stop()));
      await pool.end();
      await database.drop();
      rmSync(folder, { recursive: true });
      if (codes.some((code) => code !== 0)) throw new Error(`a gateway ended with ${codes}`);
    },
  };
}

/** For the role, but in this database only, because the server is shared. */
function setIsolation(level: string): string {
  return `DO $$ BEGIN EXECUTE format(
    'ALTER ROLE %I IN DATABASE %I SET default_transaction_isolation = ''${level}''',
    current_user, current_database()); END $$`;
}

async function setClock(
  at: number,
  gateways: readonly ShiftableGateway[],
  sql: TwoGateways['sql'],
): Promise<void> {
  const [clock] = await sql<{ ms: number }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
  );
  if (clock === undefined) throw new Error('the database has no clock');
  await Promise.all(gateways.map((gateway) => gateway.setClockOffset(at - clock.ms)));
}
