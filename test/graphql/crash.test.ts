/** A crash loses nothing: a short version of the runs in test/faults. */
import { afterAll, beforeAll, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { killGateways, killPostgres } from '../support/load/crash.js';
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

it('killing the gateway under load loses and duplicates nothing', {
  timeout: 300_000,
}, async () => {
  const series = { kills: 3, seed: seedOf('gateway kills') };
  process.stdout.write(`${await killGateways(database.url, series)}\n`);
});

it('killing PostgreSQL under load loses and duplicates nothing', { timeout: 300_000 }, async () => {
  const series = { kills: 3, seed: seedOf('PostgreSQL kills') };
  const { url } = await createDatabaseOn(postgres.url);
  process.stdout.write(`${await killPostgres(postgres, url, series)}\n`);
});
