/**
 * PostgreSQL is killed under load at random moments, all its processes at once, and started again:
 *
 *     npx vitest run --project faults test/faults/postgres-kill.test.ts
 */
import { test } from 'vitest';
import { killPostgres } from '../support/crash.js';
import { createDatabaseOn } from '../support/databases.js';
import { startPostgres } from '../support/postgres.js';
import { seedOf } from '../support/random.js';

test('twenty kills of PostgreSQL lose and double nothing', async () => {
  const postgres = await startPostgres({ own: true, durable: true });
  try {
    const { url } = await createDatabaseOn(postgres.url);
    const series = { kills: 20, seed: seedOf('PostgreSQL kills') };
    process.stdout.write(`${await killPostgres(postgres, url, series)}\n`);
  } finally {
    await postgres.stop();
  }
});
