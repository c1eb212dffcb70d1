/** What is left after crashes, and what must be. */

import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { CATALOGUE } from './case.js';
import { type Client, createClient } from './client.js';
import { startTollgate, type Tollgate } from './gateway-process.js';
import { createCustomers, type Load, startLoad, type Use, usedOf } from './load.js';
import { textOf } from './model-numbers.js';
import { createFeature } from './operations.js';
import type { TestPostgres } from './postgres.js';
import { createProject, damagesOf } from './project.js';
import { randomOf } from './random.js';

export interface CrashOptions {
  readonly databaseUrl: string;
  readonly kills: number;
  readonly seed: number;
}

/** How long a load runs at least and at most until the next kill. */
const UNTIL_KILL_MS = [50, 1_500] as const;

/** Tollgate itself is killed under load, so many times. Answers the figures, for people. */
export async function killGateways({ databaseUrl, kills, seed }: CrashOptions): Promise<string> {
  const secret = await createProject(databaseUrl);
  const random = randomOf(seed);
  let tollgate = await startTollgate({ DATABASE_URL: databaseUrl });
  let client = await prepare(tollgate, secret);
  const load = startLoad({ seed, client: () => client });
  const start = performance.now();
  for (let kill = 0; kill < kills; kill += 1) {
    await load.more(1);
    await delay(random.whole(...UNTIL_KILL_MS));
    const acknowledged = [...load.acknowledged];
    await tollgate.kill();
    await expectNothingLost(databaseUrl, acknowledged);
    tollgate = await startTollgate({ DATABASE_URL: databaseUrl });
    client = createClient(tollgate.origin, secret);
  }
  await load.more(100);
  await load.finish();
  await tollgate.stop();
  await expectExact(databaseUrl, load);
  return figuresOf(load, `${kills} kills of the gateway`, performance.now() - start);
}

/** PostgreSQL is killed and started again under load, so many times; Tollgate goes on. */
export async function killPostgres(
  postgres: TestPostgres,
  { databaseUrl, kills, seed }: CrashOptions,
): Promise<string> {
  const secret = await createProject(databaseUrl);
  const random = randomOf(seed);
  const tollgate = await startTollgate({ DATABASE_URL: databaseUrl });
  const client = await prepare(tollgate, secret);
  const load = startLoad({ seed, client: () => client });
  const start = performance.now();
  const recoveriesMs: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await load.more(1);
    await delay(random.whole(...UNTIL_KILL_MS));
    await postgres.kill();
    const acknowledged = [...load.acknowledged];
    await delay(random.whole(0, 500));
    await postgres.start();
    const ready = performance.now();
    await load.more(1);
    recoveriesMs.push(performance.now() - ready);
    await expectNothingLost(databaseUrl, acknowledged);
  }
  await load.more(100);
  await load.finish();
  expect((await fetch(`${tollgate.origin}/ready`)).status).toBe(200);
  expect(await tollgate.stop()).toBe(0);
  await expectExact(databaseUrl, load);
  expect([...load.failures.keys()].filter((code) => !DATABASE_CODES.has(code))).toEqual([]);
  expect(Math.max(...recoveriesMs)).toBeLessThan(RECOVERY_MS_MAX);
  const figures = figuresOf(load, `${kills} kills of PostgreSQL`, performance.now() - start);
  return `${figures}; first answer after at most ${Math.round(Math.max(...recoveriesMs))} ms`;
}

/** All that a caller may hear of a database that is gone. */
const DATABASE_CODES = new Set(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN']);

const RECOVERY_MS_MAX = 10_000;

async function prepare(tollgate: Tollgate, secret: string): Promise<Client> {
  const client = createClient(tollgate.origin, secret);
  for (const feature of CATALOGUE) await createFeature(client, feature);
  await createCustomers(client);
  return client;
}

/** What was acknowledged is there, and nothing of it twice. */
export async function expectNothingLost(databaseUrl: string, uses: readonly Use[]): Promise<void> {
  const counts = await eventsByKey(databaseUrl);
  const wrong = uses.filter(({ customerId, key }) => counts.get(`${customerId} ${key}`) !== 1);
  expect(wrong).toEqual([]);
}

/** Every use is there exactly once, and so is its deduction from each of its features. */
export async function expectExact(databaseUrl: string, load: Load): Promise<void> {
  const { acknowledged, unexpected } = load;
  expect(unexpected).toEqual([]);
  await expectNothingLost(databaseUrl, acknowledged);
  expect((await eventsByKey(databaseUrl)).size).toBe(acknowledged.length);
  const used = await query<{ name: string; used: string }>(
    databaseUrl,
    `SELECT c.id || ' ' || b.feature_id AS name, trim_scale(b.used)::text AS used
    FROM balances b JOIN customers c USING (customer_key) WHERE b.used <> 0`,
  );
  const expected = [...usedOf(acknowledged)].map(([name, amount]) => [name, textOf(amount)]);
  expect(Object.fromEntries(used.map((row) => [row.name, row.used]))).toEqual(
    Object.fromEntries(expected),
  );
  expect(await damagesOf({ connectionString: databaseUrl })).toEqual([]);
}

async function eventsByKey(databaseUrl: string): Promise<Map<string, number>> {
  const rows = await query<{ name: string; count: number }>(
    databaseUrl,
    `SELECT c.id || ' ' || idempotency_key AS name, count(*)::int
    FROM events JOIN customers c USING (customer_key) GROUP BY 1`,
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function figuresOf(load: Load, what: string, ms: number): string {
  const failures = [...load.failures].map(([code, count]) => `${code} ${count}`).join(', ');
  return (
    `${what} in ${Math.round(ms / 1000)} s: ${load.acknowledged.length} uses acknowledged, ` +
    `0 lost, 0 doubled; calls without an answer, all retried: ${failures || 'none'}; ` +
    `${load.replays()} of them had been carried out`
  );
}
