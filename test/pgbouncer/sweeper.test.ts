/** Turns of sweepers behind a pooler, which gives every transaction some connection or other. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTurns } from '../../src/store/sweep-turns.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { type PgBouncer, startPgBouncer } from '../support/postgres/pgbouncer.js';

let database: TestDatabase;
let pgBouncer: PgBouncer;

beforeAll(async () => {
  database = await createDatabase();
  pgBouncer = await startPgBouncer(inject('postgresUrl'), 'transaction');
});

afterAll(async () => {
  await pgBouncer.stop();
  await database.drop();
});

it('one sweeper has its turn, and then another', async () => {
  const address = { connectionString: pgBouncer.urlOf(database.url) };
  const [left, right] = [1, 2].map(() => createTurns({ address, connectTimeoutMs: 20_000 }));
  if (left === undefined || right === undefined) throw new Error('there are two');
  for (const [first, second] of [
    [left, right],
    [right, left],
  ] as const) {
    const taken = await first.take(async ({ restFor }) => {
      await restFor(1_000);
      return second.take(() => Promise.resolve('at the same time'));
    });
    expect(taken).toBeNull();
    expect(await second.take(() => Promise.resolve('afterwards'))).toBe('afterwards');
  }
  await left.close();
  await right.close();
});
