import { inject } from 'vitest';
import { createDatabaseOn, type TestDatabase } from './databases.js';
import { dividePlaces } from './places.js';

export type { TestDatabase } from './databases.js';

/**
 * A new database with all migrations on the server of this test run. For a suite:
 * `beforeAll(async () => { database = await createDatabase(); })`, dropped in `afterAll`.
 */
export async function createDatabase(places?: number): Promise<TestDatabase> {
  const database = await createDatabaseOn(inject('postgresUrl'), inject('postgresTemplate'));
  await dividePlaces(database.url, places);
  return database;
}

/** A new database without tables. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('postgresUrl'));
}
