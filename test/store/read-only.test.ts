/** A server that accepts no writes, such as a standby after a failover: it is not stayed with. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStore, type TestStore } from '../support/database/store.js';
import { run } from '../support/gateway/starts.js';

let test: TestStore;

beforeAll(async () => {
  test = await createStore();
});

afterAll(() => test.close());

/** From now on, new connections reach a server that accepts writes or not; those that are open reach it no more. */
async function become(readOnly: 'on' | 'off', ...others: readonly string[]): Promise<void> {
  const { url } = test.database;
  const name = new URL(url).pathname.slice(1);
  await run(
    url,
    'SET default_transaction_read_only = off',
    `ALTER DATABASE ${name} SET default_transaction_read_only = ${readOnly}`,
    ...others,
  );
}

const END_OTHERS = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

const WITHOUT_WRITES = { code: 'DATABASE_UNAVAILABLE' };

const create = (name: string) => test.store.projects.ensure(name);

it('is not ready, refuses writes, and is left for the one that accepts them', async () => {
  await test.store.ping();
  await become('on', END_OTHERS);
  await expect(test.store.ping()).rejects.toMatchObject(WITHOUT_WRITES);
  await expect(create('refused')).rejects.toMatchObject(WITHOUT_WRITES);
  // The connections to it are still open.
  await become('off');
  await expect(create('accepted')).resolves.toMatchObject({ created: true });
  await test.store.ping();
});
