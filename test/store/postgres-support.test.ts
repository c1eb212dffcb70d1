import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, withClient } from '../support/database/connections.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

describe('the test server', () => {
  let server: TestPostgres;

  beforeAll(async () => {
    server = await startPostgres({ own: true, durable: true });
  });
  afterAll(() => server.stop());

  it('keeps committed data when it is killed, and loses every session', async () => {
    await query(server.url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    const postmaster = server.pid();
    const busy = await connect(server.url);
    // A backend that is busy does not notice the end of its postmaster, and would outlive it.
    const outcome = busy.query('DO $$ BEGIN LOOP END LOOP; END $$').then(
      () => 'answered',
      () => 'cut off',
    );
    await server.kill();
    expect(await outcome).toBe('cut off');
    expect(server.pid()).toBeUndefined();

    await server.start({ work_mem: '7MB' });
    expect(server.pid()).not.toBe(postmaster);
    expect(await query(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(await query(server.url, 'SHOW work_mem')).toEqual([{ work_mem: '7MB' }]);
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });
});

it('tables are copied from the first server to the second, until both databases are dropped', async () => {
  const source = await createDatabaseOn(inject('postgresUrl'));
  const target = await createDatabaseOn(inject('secondPostgresUrl'));
  for (const { url } of [source, target]) await query(url, 'CREATE TABLE copied (id int)');
  await query(source.url, 'CREATE PUBLICATION of_test FOR TABLE copied');
  await query(
    target.url,
    `CREATE SUBSCRIPTION of_test CONNECTION '${source.url}' PUBLICATION of_test
    WITH (slot_name = of_postgres_support)`,
  );
  await query(source.url, 'INSERT INTO copied VALUES (1)');
  await expect.poll(() => query(target.url, 'SELECT id FROM copied')).toEqual([{ id: 1 }]);
  // Dropped in this order, what copies goes with them.
  await target.drop();
  await source.drop();
  expect(await query(inject('postgresUrl'), SLOT)).toEqual([]);
});

const SLOT = "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'of_postgres_support'";

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  return withClient(connectionString, async (client) => (await client.query(statement)).rows);
}
