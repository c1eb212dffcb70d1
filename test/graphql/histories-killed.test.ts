/** What callers see while gateways and PostgreSQL are killed: a call without an answer takes effect once or never. Short runs of those in test/faults. */
import { afterAll, beforeAll, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { expectExactThroughKills } from '../support/linearizability/killed-run.js';
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

it('while gateways are killed', { timeout: 300_000 }, async () => {
  const seed = seedOf('histories with kills of gateways');
  const run = { databaseUrl: database.url, kills: 1, seed };
  await expectExactThroughKills('kills of gateways', run);
});

it('while workers are killed that decide calls for each other', { timeout: 300_000 }, async () => {
  const { url } = await createDatabaseOn(postgres.url);
  const seed = seedOf('histories with kills of workers');
  await expectExactThroughKills('kills of workers', {
    databaseUrl: url,
    kills: 2,
    seed,
    workers: true,
  });
});

it('while PostgreSQL is killed', { timeout: 300_000 }, async () => {
  const seed = seedOf('histories with kills of PostgreSQL');
  const { url } = await createDatabaseOn(postgres.url);
  const run = { databaseUrl: url, kills: 1, seed, postgres };
  await expectExactThroughKills('kills of PostgreSQL', run);
});
