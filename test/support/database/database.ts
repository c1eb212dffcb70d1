import { inject } from 'vitest';
import { createDatabaseOn, type TestDatabase } from './databases.js';

export type { TestDatabase } from './databases.js';

/**
 * A database of its own, migrations applied, on the server of this test run. For a suite:
 * `beforeAll(async () => { database = await createDatabase(); })`, dropped in `afterAll`.
 */
export async function createDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('postgresUrl'), inject('postgresTemplate'));
}

/** The same without any table. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('postgresUrl'));
}
