/** What workloads run on: a PostgreSQL of the benchmark's own, and the databases in it. */
import pg from 'pg';
import { createDatabaseOn, createTemplate, type TestDatabase } from '../support/databases.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import type { Options } from './arguments.js';
import { type BenchData, createData } from './data/small.js';
import { POSTGRES_SETTINGS } from './postgres-settings.js';
import type { Bench } from './workload.js';

/** Of each family. */
export const CUSTOMERS = 10_000;

export interface OpenBench extends Bench {
  /** As the server says it: `18.4`. */
  readonly postgresVersion: string;
  /** The small database that the workload has used, if any. */
  used(): BenchData | null;
  /** Drops it, so that the next workload starts with the same data and not with more. */
  endWorkload(): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(options: Options, say: (line: string) => void): Promise<OpenBench> {
  const postgres = await startPostgres({ durable: true, own: true, settings: POSTGRES_SETTINGS });
  try {
    return await openOn(postgres, options, say);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function openOn(
  postgres: TestPostgres,
  { rounds, seconds }: Options,
  say: (line: string) => void,
): Promise<OpenBench> {
  const template = await createTemplate(postgres.url);
  let filled: Promise<BenchData> | undefined;
  let copy: { readonly data: BenchData; readonly database: TestDatabase } | null = null;
  return {
    rounds,
    seconds,
    say,
    postgresPid: postgres.pid() ?? 0,
    postgresVersion: await versionOf(postgres.url),
    smallDatabase: async () => {
      if (copy !== null) return copy.data;
      filled ??= fill(postgres.url, template.name, say);
      const source = await filled;
      const database = await createDatabaseOn(postgres.url, databaseName(source.url));
      await execute(database.url, 'CHECKPOINT');
      copy = { database, data: { ...source, url: database.url } };
      return copy.data;
    },
    used: () => copy?.data ?? null,
    endWorkload: async () => {
      await copy?.database.drop();
      copy = null;
    },
    close: () => postgres.stop(),
  };
}

async function fill(
  serverUrl: string,
  template: string,
  say: (line: string) => void,
): Promise<BenchData> {
  say(`filling the small database: ${CUSTOMERS} customers of each family`);
  const { url } = await createDatabaseOn(serverUrl, template);
  const count = CUSTOMERS;
  return createData({
    url,
    customers: { plain: count, event: count, credit: count, seat: count, reader: count },
  });
}

async function versionOf(url: string): Promise<string> {
  const [row] = await execute(url, `SELECT current_setting('server_version') AS version`);
  return String(row?.['version']).split(' ', 1)[0] ?? '';
}

export async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}
