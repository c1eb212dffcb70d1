/** What workloads run on: a PostgreSQL for the benchmark alone, and its databases. */
import { connect } from '../support/database/connections.js';
import {
  createDatabaseOn,
  createTemplate,
  type TestDatabase,
} from '../support/database/databases.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';
import type { Options } from './arguments.js';
import { createLargeData, type LargeData } from './fill/large.js';
import { type BenchData, createData } from './fill/small.js';
import { POSTGRES_SETTINGS } from './postgres-settings.js';
import type { Family } from './requests.js';
import type { RunFacts } from './results.js';
import type { Bench } from './workload.js';

/** The number of customers of each family. */
export const CUSTOMERS = 10_000;

export interface OpenBench extends Bench {
  readonly server: Pick<RunFacts, 'postgres' | 'settings'>;
  /** The small database that the workload has used, if any. */
  used(): BenchData | null;
  /** Drops it, so that the next workload starts with the same data. */
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
  { rounds, seconds, largeCustomers }: Options,
  say: (line: string) => void,
): Promise<OpenBench> {
  const template = await createTemplate(postgres.url);
  const filledWith = once<readonly Family[], BenchData>();
  let large: Promise<LargeData> | undefined;
  let copy: { readonly data: BenchData; readonly database: TestDatabase } | null = null;
  return {
    rounds,
    seconds,
    say,
    postgresPid: postgres.pid() ?? 0,
    server: await serverFacts(postgres.url),
    smallDatabase: async (...families) => {
      if (copy !== null) return copy.data;
      const wanted = families.length === 0 ? USUAL : families;
      const source = await filledWith(wanted, async () =>
        fill(postgres.url, template.name, wanted),
      );
      const database = await createDatabaseOn(postgres.url, databaseName(source.url));
      await execute(database.url, 'CHECKPOINT');
      copy = { database, data: { ...source, url: database.url } };
      return copy.data;
    },
    largeDatabase: () => {
      large ??= fillLarge(postgres.url, template.name, largeCustomers, say);
      return large;
    },
    used: () => copy?.data ?? null,
    endWorkload: async () => {
      await copy?.database.drop();
      copy = null;
    },
    close: () => postgres.stop(),
  };
}

const USUAL: readonly Family[] = ['plain'];

async function fill(
  serverUrl: string,
  template: string,
  families: readonly Family[],
): Promise<BenchData> {
  const { url } = await createDatabaseOn(serverUrl, template);
  const customers = Object.fromEntries(families.map((family) => [family, CUSTOMERS]));
  return createData({ url, customers });
}

/** Creates a value the first time, and returns the same value afterwards. */
function once<Key, Value>(): (key: Key, make: () => Promise<Value>) => Promise<Value> {
  const made = new Map<string, Promise<Value>>();
  return (key, make) => {
    const text = JSON.stringify(key);
    const value = made.get(text) ?? make();
    made.set(text, value);
    return value;
  };
}

async function fillLarge(
  serverUrl: string,
  template: string,
  customers: number,
  say: (line: string) => void,
): Promise<LargeData> {
  const start = performance.now();
  say(`filling the large database: ${customers} customers`);
  const { url } = await createDatabaseOn(serverUrl, template);
  const data = await createLargeData({ url, customers, readers: CUSTOMERS });
  say(`filled in ${Math.round((performance.now() - start) / 1_000)} s`);
  return data;
}

/** What the server reports about itself, which may differ from its settings. */
async function serverFacts(url: string): Promise<OpenBench['server']> {
  const names = ['server_version', ...Object.keys(POSTGRES_SETTINGS)];
  const list = names.map((name) => `current_setting('${name}') AS ${name}`).join(', ');
  const [row = {}] = await execute(url, `SELECT ${list}`);
  const { server_version: version, ...settings } = row;
  return {
    postgres: String(version).split(' ', 1)[0] ?? '',
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, String(value)]),
    ),
  };
}

async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect(url);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}
