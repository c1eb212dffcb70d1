/**
 * All processes of PostgreSQL are killed at once under load, at random moments, and started again:
 *
 *     npx vitest run --project faults test/faults/postgres-kill.test.ts
 */

import { expect, test } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { makeHostile } from '../support/database/hostile.js';
import { createProject } from '../support/database/project.js';
import { startTollgate } from '../support/gateway/gateway-process.js';
import { killPostgres } from '../support/load/crash.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';
import { seedOf } from '../support/random/random.js';

test('killing PostgreSQL twenty times loses and duplicates nothing', async () => {
  const postgres = await startPostgres({ own: true, durable: true });
  try {
    const { url } = await createDatabaseOn(postgres.url);
    const series = { kills: 20, seed: seedOf('PostgreSQL kills') };
    process.stdout.write(`${await killPostgres(postgres, url, series)}\n`);
  } finally {
    await postgres.stop();
  }
});

/** With asynchronous commits, these settings would delay writing to the disk by ten seconds. */
const LAZY = {
  wal_writer_delay: '10s',
  wal_writer_flush_after: '1GB',
  checkpoint_timeout: '1h',
} as const;

test('acknowledged writes are durable even if the database is set to asynchronous commits', async () => {
  const postgres = await startPostgres({ own: true, durable: true, settings: LAZY });
  try {
    const { url } = await createDatabaseOn(postgres.url);
    const secret = await createProject(url);
    await makeHostile(url);
    const tollgate = await startTollgate({ DATABASE_URL: url });
    const client = createClient(tollgate.origin, secret);
    const before = await killed(postgres, async () => {
      for (const id of ['acme', 'globex']) await operations.createCustomer(client, id);
      await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
      await operations.grant(client, 'acme', oneOff('messages', 100));
      await operations.createEntity(client, 'acme', 'seat');
    });
    expect(await rowsOf(url)).toEqual({
      customers: 2,
      features: 1,
      balances: 1,
      entities: 1,
      events: 0,
    });
    await before.ready(() => operations.look(client, 'acme', 'messages', null));
    await killed(postgres, async () => {
      await operations.track(client, 'acme', { featureId: 'messages', value: 1 });
    });
    expect(await rowsOf(url)).toMatchObject({ events: 1 });
    await tollgate.stop();
  } finally {
    await postgres.stop();
  }
});

/** Kills PostgreSQL right after the work was acknowledged, and starts it again. */
async function killed(postgres: TestPostgres, work: () => Promise<void>) {
  await work();
  await postgres.kill();
  await postgres.start(LAZY);
  return {
    ready: async (works: () => Promise<unknown>) => {
      await expect
        .poll(
          () =>
            works().then(
              () => true,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(true);
    },
  };
}

async function rowsOf(url: string) {
  const client = await connect(url);
  const count = (table: string) => `(SELECT count(*)::int FROM public.${table}) AS ${table}`;
  const tables = ['customers', 'features', 'balances', 'entities', 'events'];
  const { rows } = await client.query(`SELECT ${tables.map(count).join(', ')}`);
  await client.end();
  return rows[0];
}
