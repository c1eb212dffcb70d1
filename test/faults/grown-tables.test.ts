/**
 * Statements prepared for ten customers and run with a million: a connection keeps the plan that was good for ten, and
 * the tables have not been analysed since.
 */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { type Client, createClient } from '../support/client/client.js';
import { callHold } from '../support/client/hold-calls.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { createProject } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

const CUSTOMERS = Array.from({ length: 10 }, (_, index) => `customer-${index}`);

/** After this many executions, PostgreSQL chooses a plan for all parameters and keeps it. */
const EXECUTIONS = 8;

const ROWS = 1_000_000;

/** Rows of each table that a round may read, which concerns ten customers. */
const READ_MAX = 5_000;

let postgres: TestPostgres;
let admin: pg.Client;
let tollgate: Tollgate;
let client: Client;

beforeAll(async () => {
  postgres = await startPostgres({ own: true, settings: { autovacuum: 'off' } });
  const { url } = await createDatabaseOn(postgres.url);
  admin = await connect(url);
  const secret = await createProject(url);
  tollgate = await startTollgate({
    DATABASE_URL: url,
    DATABASE_POOL_MAX: '2',
    READ_POOL_MAX: '1',
    LANES: '1',
  });
  client = createClient(tollgate.origin, secret);
});

afterAll(async () => {
  await tollgate.stop();
  await admin.end();
  await postgres.stop();
});

/** Every statement of the hot paths, once for each customer. */
async function round(number: number, ids = CUSTOMERS): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const key = `${id}-${number}`;
    const entityId = `seat-${number}`;
    // Both lock and read the account, and remove it from the cache.
    await operations.createEntity(client, id, entityId);
    await operations.grant(client, id, oneOff('messages', 10));
    await operations.track(client, id, { featureId: 'messages', value: 1, idempotencyKey: key });
    await operations.track(client, id, { featureId: 'messages', value: 1, idempotencyKey: key });
    await operations.track(client, id, { featureId: 'messages', value: 1, entityId });
    for (const reservationId of [`captured-${number}`, `released-${number}`])
      await callHold(client, id, { reserve: { featureId: 'messages', value: 1, reservationId } });
    await callHold(client, id, { capture: { reservationId: `captured-${number}` } });
    await callHold(client, id, { release: { reservationId: `released-${number}` } });
    await operations.look(client, id, 'messages', entityId);
    await operations.lookAtAll(client, id, null);
    if (index === 0) await operations.events(client, id);
  }
}

/**
 * A new customer for each round while the tables grow: the server may count the last of these rounds with the one that
 * is measured, because a session reports what it has read up to a second later. Of one customer, each round would read
 * what all rounds before it have left, and their number depends on the machine.
 */
async function meanwhile(number: number): Promise<void> {
  const id = `meanwhile-${number}`;
  await operations.createCustomer(client, id);
  await round(number, [id]);
}

const GROWTH = `SET session_replication_role = replica;
  INSERT INTO customers (customer_key, project_id, id)
    SELECT gen_random_uuid(), p.id, 'grown-' || g FROM projects p, generate_series(1, ${ROWS}) g;
  INSERT INTO entities (customer_key, id, project_id)
    SELECT customer_key, 'seat', project_id FROM customers LIMIT ${ROWS / 10};
  INSERT INTO balances (customer_key, id, project_id, feature_id, granted, overage_allowed, ledger_seq, created_at)
    SELECT customer_key, gen_random_uuid(), project_id, 'messages', 10, false, 1, now()
    FROM customers LIMIT ${ROWS / 10};
  INSERT INTO events (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
    SELECT customer_key, gen_random_uuid(), project_id, 'messages', 1, now(), now(), '{}'
    FROM customers LIMIT ${ROWS / 10};
  INSERT INTO idempotency_keys (customer_key, key, project_id, fingerprint, outcome, recorded_at)
    SELECT customer_key, 'key', project_id, '{}', '{}', now() FROM customers LIMIT ${ROWS / 10};
  INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
      used_after, effective_at, recorded_at)
    SELECT customer_key, gen_random_uuid(), 1, project_id, 'GRANT', 10, 10, 0, now(), now()
    FROM customers LIMIT ${ROWS / 10};
  INSERT INTO reservations (customer_key, id, project_id, feature_id, value, held, used, charges, created_at, expires_at,
      ended_at, ended_how)
    SELECT customer_key, 'ended-' || g, project_id, 'messages', 1, 0, 0, '[]', now(), now(), now(), 'RELEASED'
    FROM customers, generate_series(1, ${ROWS / 100}) g WHERE id LIKE 'customer-%';`;

/** Rows read by scans of each table and of its indexes. */
const READ = `SELECT relname AS "table",
    coalesce(seq_tup_read, 0)::int AS scanned,
    (SELECT coalesce(sum(idx_tup_read), 0)::int FROM pg_stat_user_indexes i WHERE i.relid = t.relid) AS found
  FROM pg_stat_user_tables t`;

it('no plan made for ten customers reads a million rows', async () => {
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const id of CUSTOMERS) await operations.createCustomer(client, id);
  await round(-1);
  await admin.query('ANALYZE');
  for (let number = 0; number < EXECUTIONS; number += 1) await round(number);

  // Connections that idle for ten seconds are closed, and their plans go with them.
  let number = EXECUTIONS;
  let isGrown = false;
  const growing = admin.query(GROWTH).finally(() => {
    isGrown = true;
  });
  while (!isGrown) {
    number += 1;
    await meanwhile(number);
  }
  await growing;
  await admin.query('SELECT pg_stat_force_next_flush()');
  await admin.query('SELECT pg_stat_reset()');
  await round(number + 1);
  // The counts of a session are complete once it has ended.
  await tollgate.stop();
  const { rows } = await admin.query(READ);
  const large = rows.filter(({ scanned, found }) => scanned > 1_000 || found > READ_MAX);
  expect(large).toEqual([]);
  expect(rows.find(({ table }) => table === 'customers')?.found).toBeGreaterThan(0);
});
