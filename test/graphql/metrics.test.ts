/** Metrics, of the program itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { type Client, createClient, patient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { openPool } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { startWorkers } from '../support/gateway/workers.js';
import { addressOf, type Scraped, scrape, scrapeUntil } from '../support/metrics/scrape.js';
import { signal } from '../support/postgres/postgres-process.js';

const TOKEN = 'a-token-of-a-scraper';

const LOCKED = ['tollgate_write_guard_failures_total', { cause: 'customer_locked' }] as const;

describe('a gateway with METRICS_PORT', () => {
  let database: TestDatabase;
  let tollgate: Tollgate;
  let client: Client;
  let address: string;
  let secret: string;

  beforeAll(async () => {
    database = await createDatabase();
    tollgate = await startTollgate({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'info',
      METRICS_PORT: '0',
      METRICS_TOKEN: TOKEN,
      METRICS_OPERATIONS: 'Track, Look',
      SWEEP: 'on',
    });
    address = await addressOf(tollgate);
    secret = await createProject(database.url);
    client = patient(createClient(tollgate.origin, secret));
    await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
    await operations.createCustomer(client, 'c1');
    await operations.grant(client, 'c1', oneOff('messages', 100));
  });

  afterAll(async () => {
    expect(await tollgate.stop()).toBe(0);
    await database.drop();
  });

  const scraped = (): Promise<Scraped> => scrape(address, TOKEN);

  /** By how much series grow while something is done. */
  async function grownBy(work: () => Promise<unknown>) {
    const before = await scraped();
    await work();
    const after = await scraped();
    return (name: string, labels: Record<string, string> = {}) =>
      after.value(name, labels) - before.value(name, labels);
  }

  const track = (more: object = {}) =>
    operations.track(client, 'c1', { featureId: 'messages', value: 1, ...more });

  it('counts the operations that it was told to by name, and the others together', async () => {
    const grown = await grownBy(async () => {
      await track();
      await track();
      await operations.look(client, 'c1', 'messages', null);
      await operations.createCustomer(client, 'c2');
    });
    const total = 'tollgate_operations_total';
    expect(grown(total, { operation: 'Track', kind: 'mutation', result: 'OK' })).toBe(2);
    expect(grown(total, { operation: 'Look', kind: 'query', result: 'OK' })).toBe(1);
    expect(grown(total, { operation: '(other)', kind: 'mutation', result: 'OK' })).toBe(1);
    expect(grown(total)).toBe(4);
    const seconds = 'tollgate_operation_duration_seconds';
    expect(grown(`${seconds}_count`, { operation: 'Track' })).toBe(2);
    expect(grown(`${seconds}_bucket`, { operation: 'Track', le: '+Inf' })).toBe(2);
    expect(grown(`${seconds}_sum`, { operation: 'Track' })).toBeGreaterThan(0);
  });

  it('counts what was refused under its code, before an operation was known and after', async () => {
    const post = (body: string, key = secret) =>
      fetch(`${tollgate.origin}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
      });
    const grown = await grownBy(async () => {
      await post('{"query":"query Track { __typename }"}', 'tg_sk_wrong');
      await post('{"query":"query Look { nothing }"}');
      await post('{"query":"query Look($id: ID!) { node(id: $id) { id } }"}');
    });
    const total = 'tollgate_operations_total';
    expect(grown(total, { operation: '(none)', result: 'UNAUTHENTICATED' })).toBe(1);
    expect(grown(total, { operation: '(none)', result: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
    expect(grown(total, { operation: 'Look', result: 'BAD_USER_INPUT' })).toBe(1);
    expect(grown(total)).toBe(3);
  });

  it('counts batches, their commands, commits, the cache, and replays', async () => {
    await track();
    const grown = await grownBy(async () => {
      await Promise.all(Array.from({ length: 20 }, () => track()));
      await track({ idempotencyKey: 'k1' });
      await track({ idempotencyKey: 'k1' });
    });
    expect(grown('tollgate_write_batch_commands_sum')).toBe(22);
    const batches = grown('tollgate_write_batch_commands_count');
    expect(batches).toBeGreaterThanOrEqual(3);
    expect(grown('tollgate_write_batch_duration_seconds_count')).toBe(batches);
    expect(grown('tollgate_write_customers_total', { way: 'cached' })).toBe(batches);
    const statements = 'tollgate_write_statement_duration_seconds_count';
    expect(grown(statements, { statement: 'commit' })).toBeGreaterThanOrEqual(batches);
    expect(grown('tollgate_write_replays_total')).toBe(1);
    expect(grown('tollgate_write_guard_failures_total', { cause: 'key_used' })).toBe(1);
    expect(grown('tollgate_write_guard_failures_total')).toBe(1);
  });

  it('counts guard failures by cause', async () => {
    await track();
    const pool = openPool(database.url, 1);
    const changed = await grownBy(async () => {
      await pool.query("UPDATE customers SET version = version + 1 WHERE id = 'c1'");
      await track();
    });
    expect(changed('tollgate_write_guard_failures_total', { cause: 'customer_changed' })).toBe(1);
    expect(changed('tollgate_write_guard_failures_total')).toBe(1);
    const catalog = await grownBy(async () => {
      await pool.query('UPDATE projects SET catalog_version = catalog_version + 1');
      await track();
    });
    expect(catalog('tollgate_write_guard_failures_total', { cause: 'catalog_changed' })).toBe(1);
    expect(catalog('tollgate_catalog_reads_total')).toBe(1);
    await pool.query('BEGIN');
    await pool.query("SELECT FROM customers WHERE id = 'c1' FOR UPDATE");
    const before = (await scraped()).value(...LOCKED);
    const waiting = track();
    await scrapeUntil(scraped, (found) => found.value(...LOCKED) > before);
    await pool.query('COMMIT');
    await waiting;
    await pool.end();
  });

  it('shows its limits, its connections, and what Node.js knows of it', async () => {
    // Both pools have been used just now.
    await track();
    await operations.look(client, 'c1', 'messages', null);
    const found = await scraped();
    expect(found.value('tollgate_write_queue_commands')).toBe(0);
    expect(found.value('tollgate_write_lanes')).toBe(2);
    for (const pool of ['write', 'read']) {
      const open = (state: string) =>
        found.value(`tollgate_database_connections_${state}`, { pool });
      expect(open('used') + open('idle')).toBeGreaterThan(0);
      expect(open('max')).toBeGreaterThan(open('used'));
      expect(open('waiting')).toBe(0);
    }
    expect(found.value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000);
    expect(found.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(found.value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });

  it('counts failures of the database by class', async () => {
    const pool = openPool(database.url, 1);
    await pool.query(
      'ALTER TABLE idempotency_keys ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID',
    );
    const grown = await grownBy(() => track({ idempotencyKey: 'k2' }).catch(() => undefined));
    await pool.query('ALTER TABLE idempotency_keys DROP CONSTRAINT nothing_fits');
    await pool.end();
    expect(grown('tollgate_database_errors_total', { class: 'data' })).toBeGreaterThan(0);
    const failed = { operation: 'Track', result: 'INTERNAL_SERVER_ERROR' };
    expect(grown('tollgate_operations_total', failed)).toBe(1);
  });

  it('tells when the sweeper has examined everything', async () => {
    const found = await scrapeUntil(
      scraped,
      (one) => one.value('tollgate_sweeper_completed_timestamp_seconds') > 0,
    );
    expect(found.value('tollgate_sweeper_behind_seconds')).toBe(0);
  });

  it.each([
    ['no token', 'GET', '/metrics', {}, 401],
    ['another token', 'GET', '/metrics', { authorization: 'Bearer another' }, 401],
    ['another method', 'POST', '/metrics', { authorization: `Bearer ${TOKEN}` }, 405],
    ['another path', 'GET', '/graphql', { authorization: `Bearer ${TOKEN}` }, 404],
  ])('refuses %s', async (_, method, path, headers, status) => {
    const response = await fetch(new URL(path, address), { method, headers });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('tollgate_');
  });

  it('are not served on the port of the gateway', async () => {
    const response = await fetch(`${tollgate.origin}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(response.status).toBe(404);
  });

  it('show nothing of customers, keys and projects', async () => {
    const { text } = await scraped();
    for (const hidden of [secret, 'c1', 'messages', TOKEN]) expect(text).not.toContain(hidden);
  });
});

describe('two workers with METRICS_PORT', () => {
  it('are told apart, those of the primary process and of one that replaces another included', async () => {
    const database = await createDatabase();
    const tollgate = await startWorkers({ DATABASE_URL: database.url, METRICS_PORT: '0' });
    const address = await addressOf(tollgate);
    const client = patient(createClient(tollgate.origin, await createProject(database.url)));
    await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
    const scraped = () => scrape(address);
    // A worker that is slow to answer is missing from a scrape.
    const upBy = (count: number) =>
      scrapeUntil(scraped, (one) => one.value('tollgate_worker_up') === count);
    const first = await upBy(2);
    const total = 'tollgate_operations_total';
    expect(first.value(total)).toBe(1);
    const up = (found: Scraped) =>
      found.series
        .filter(({ name }) => name === 'tollgate_worker_up')
        .map(({ labels, value }) => [labels['worker'], value]);
    expect(up(first)).toEqual([
      ['1', 1],
      ['2', 1],
    ]);
    const heap = first.series.filter(({ name }) => name === 'nodejs_heap_size_used_bytes');
    expect(heap.map(({ labels }) => labels['worker'])).toEqual(['1', '2', 'primary']);

    const [pid] = tollgate.served();
    signal(pid, 'SIGSTOP');
    const silent = await upBy(1);
    expect(up(silent).map(([, value]) => value)).toHaveLength(2);
    // It was not waited for until it was terminated for its silence.
    expect(tollgate.output()).not.toContain('A worker does not respond and is terminated.');
    signal(pid, 'SIGKILL');
    await tollgate.servedBy(3);
    const again = await upBy(2);
    expect(up(again)).toEqual(up(first));
    expect(again.value('tollgate_workers_replaced_total')).toBe(1);
    expect(await tollgate.stop()).toBe(0);
    await database.drop();
  });
});

describe('a gateway without METRICS_PORT', () => {
  it('listens on no further port', async () => {
    const database = await createDatabase();
    const tollgate = await startTollgate({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
    expect(tollgate.output()).not.toContain('Metrics are served.');
    await tollgate.kill();
    await database.drop();
  });
});

describe('a gateway whose METRICS_PORT is in use', () => {
  it('says so in a sentence and ends', async () => {
    const database = await createDatabase();
    const tollgate = await startTollgate({ DATABASE_URL: database.url });
    const { port } = new URL(tollgate.origin);
    for (const args of [[], ['--workers', '2']]) {
      const started = startTollgate({ DATABASE_URL: database.url, METRICS_PORT: port }, args);
      await expect(started).rejects.toMatchObject({
        code: 1,
        output: expect.stringMatching(/is in use by another program\..*METRICS_PORT/s),
      });
    }
    await tollgate.kill();
    await database.drop();
  });
});
