import { inject } from 'vitest';
import { createDatabaseOn, type TestDatabase } from './databases.js';
import { dividePlaces, PLACES, SERVERS } from './places.js';
import { createOnTwoServers } from './two-servers.js';

export type { TestDatabase } from './databases.js';

/**
 * A new database with all migrations on the server of this test run. For a suite:
 * `beforeAll(async () => { database = await createDatabase(); })`, dropped in `afterAll`.
 */
export async function createDatabase(places = PLACES): Promise<TestDatabase> {
  if (SERVERS === 2 && places === PLACES) {
    const servers = { home: inject('postgresUrl'), second: inject('secondPostgresUrl') };
    return createOnTwoServers(servers, inject('twoServersTemplate'));
  }
  const database = await createDatabaseOn(inject('postgresUrl'), inject('postgresTemplate'));
  await dividePlaces(database.url, places);
  return database;
}

/** A new database without tables. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('postgresUrl'));
}
