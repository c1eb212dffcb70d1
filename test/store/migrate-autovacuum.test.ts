/** A worker of autovacuum, which may take hours for a large table, gives way to a migration. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.js';
import { withClient } from '../support/database/connections.js';
import { installOldRelease } from '../support/database/old-release.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres({
    own: true,
    settings: { autovacuum: 'on', autovacuum_naptime: '1s', autovacuum_vacuum_cost_delay: '100ms' },
  });
});
afterAll(() => postgres.stop());

/** The table takes the worker many minutes. */
const FILL = `ALTER TABLE customers SET (autovacuum_vacuum_cost_limit = 1,
    autovacuum_vacuum_insert_threshold = 0, autovacuum_vacuum_threshold = 0);
  SET session_replication_role = replica;
  INSERT INTO customers (customer_key, project_id, id, created_at, updated_at)
    SELECT gen_random_uuid(), gen_random_uuid(), n, now(), now() FROM generate_series(1, 20000) AS n;
  DELETE FROM customers WHERE length(id) < 5;
  RESET session_replication_role`;

const WORKERS = `SELECT count(*)::int AS n FROM pg_locks WHERE granted
  AND mode = 'ShareUpdateExclusiveLock' AND relation = 'customers'::regclass
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum worker')`;

it('a migration does not wait for autovacuum to finish', async () => {
  await withClient(postgres.url, async (client) => {
    const later = await installOldRelease(client);
    await client.query(FILL);
    await expect.poll(async () => (await client.query(WORKERS)).rows[0].n).toBe(1);
    const address = { connectionString: postgres.url };
    expect(await migrate({ address, connectTimeoutMs: 20_000 })).toEqual(later);
  });
});
