/** Several workers prune once a day together, not each of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withClient } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { killAtOnce, startWorkers } from '../support/gateway/workers.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await createProject(database.url);
});
afterAll(() => database.drop());

/** Each statement that prunes, with the process that it was for. */
const watch = `CREATE TABLE pruned (backend int);
  CREATE FUNCTION count_pruned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO public.pruned VALUES (pg_backend_pid()); RETURN NULL; END $$;
  CREATE TRIGGER count_pruned AFTER DELETE ON idempotency_keys EXECUTE FUNCTION count_pruned();
  INSERT INTO customers (customer_key, project_id, id)
    SELECT gen_random_uuid(), id, 'acme' FROM projects;
  INSERT INTO idempotency_keys (customer_key, key, project_id, fingerprint, outcome, recorded_at)
    SELECT customer_key, 'old', project_id, '{"v":1}', '{"v":1}', now() - interval '40 days'
    FROM customers;`;

it('the primary process prunes, and a worker that takes the place of another does not', async () => {
  await withClient(database.url, (client) => client.query(watch));
  const settings = { DATABASE_URL: database.url, IDEMPOTENCY_KEY_DAYS: '30' };
  const tollgate = await startWorkers(settings);
  const said = await tollgate.said(/\{.*Pruned idempotency keys.*\}/);
  expect(JSON.parse(said)).toMatchObject({ pid: tollgate.pid, keysPruned: 1 });
  killAtOnce(tollgate.served().slice(0, 1));
  await tollgate.servedBy(3);
  // Pruning begins when a process starts to serve, and a graceful end waits for its statement.
  expect(await tollgate.stop()).toBe(0);
  const { rows } = await withClient(database.url, (client) =>
    client.query('SELECT count(DISTINCT backend)::int AS backends, count(*)::int AS n FROM pruned'),
  );
  // A page with the key, and the one after it.
  expect(rows).toEqual([{ backends: 1, n: 2 }]);
});
