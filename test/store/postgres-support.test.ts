import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, withClient } from '../support/database/connections.js';
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

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  return withClient(connectionString, async (client) => (await client.query(statement)).rows);
}
