/** What callers see while gateways and PostgreSQL are killed: a call without an answer takes effect once or never. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { damagesOf } from '../support/database/project.js';
import { expectLinearizable } from '../support/linearizability/judge.js';
import {
  failuresOf,
  GRANTED,
  type KilledRun,
  recordKills,
} from '../support/linearizability/killed.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';
import { seedOf } from '../support/random/random.js';

let database: TestDatabase;
let postgres: TestPostgres;

beforeAll(async () => {
  database = await createDatabase();
  postgres = await startPostgres({ own: true, durable: true });
});

afterAll(async () => {
  await postgres.stop();
  await database.drop();
});

async function record(name: string, run: KilledRun): Promise<void> {
  const recorders = await recordKills(run);
  const failures = [...failuresOf(recorders)].map(([code, count]) => `${code} ${count}`);
  process.stdout.write(`${name}: attempts that failed: ${failures.join(', ') || 'none'}\n`);
  expectLinearizable(name, GRANTED, recorders);
  expect(await damagesOf({ connectionString: run.databaseUrl })).toEqual([]);
}

it('while gateways are killed', { timeout: 300_000 }, async () => {
  const seed = seedOf('histories with kills of gateways');
  await record('kills of gateways', { databaseUrl: database.url, kills: 3, seed });
});

it('while PostgreSQL is killed', { timeout: 300_000 }, async () => {
  const seed = seedOf('histories with kills of PostgreSQL');
  const { url } = await createDatabaseOn(postgres.url);
  await record('kills of PostgreSQL', { databaseUrl: url, kills: 3, seed, postgres });
});
