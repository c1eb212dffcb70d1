/** A crash loses nothing: the short version of test/faults/gateway-kill and postgres-kill. */
import { afterAll, beforeAll, it } from 'vitest';
import { killGateways, killPostgres } from '../support/crash.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createDatabaseOn } from '../support/databases.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { seedOf } from '../support/random.js';

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

it('three kills of the gateway under load lose nothing and double nothing', {
  timeout: 120_000,
}, async () => {
  const seed = seedOf('gateway kills');
  const figures = await killGateways({ databaseUrl: database.url, kills: 3, seed });
  process.stdout.write(`${figures}\n`);
});

it('three kills of PostgreSQL under load lose nothing and double nothing', {
  timeout: 120_000,
}, async () => {
  const seed = seedOf('PostgreSQL kills');
  const { url } = await createDatabaseOn(postgres.url);
  const figures = await killPostgres(postgres, { databaseUrl: url, kills: 3, seed });
  process.stdout.write(`${figures}\n`);
});
