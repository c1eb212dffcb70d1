/** PostgreSQL ends a session with a FATAL error before the socket closes: until then, the connection must not be used. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';

const TIMES = 200;

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await createDatabase();
  database = openDatabase({
    address: { connectionString: own.url },
    poolMax: 1,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const END = 'SELECT pg_terminate_backend(pg_backend_pid())';

it.each([
  ['a statement', () => database.prisma.$queryRawUnsafe(END)],
  ['a transaction', () => database.prisma.$transaction((tx) => tx.$queryRawUnsafe(END))],
  ['a statement of the pool', () => database.pool.query(END)],
])('%s that ends its connection is followed by a working one', async (_what, end) => {
  for (let time = 0; time < TIMES; time += 1) {
    await expect(end()).rejects.toThrow();
    expect(await database.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  }
});
