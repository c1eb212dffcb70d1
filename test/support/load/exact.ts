/** What must be in the database after a load, whatever happened meanwhile. */
import type pg from 'pg';
import { expect } from 'vitest';
import { connectOnce, type DatabaseAddress } from '../../../src/store/database.js';
import { damagesOf } from '../database/project.js';
import { textOf } from '../model/numbers.js';
import { type Load, type SentEvent, usedOf } from './load.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Everything that was acknowledged is stored, and nothing twice. */
export async function expectNothingLost(
  address: DatabaseAddress,
  events: readonly SentEvent[],
): Promise<void> {
  const counts = await eventsByKey(address);
  const wrong = events.filter(({ customerId, key }) => counts.get(`${customerId} ${key}`) !== 1);
  expect(wrong).toEqual([]);
}

/** Every usage event is stored exactly once, and so is its deduction from each of its features. */
export async function expectExact(address: DatabaseAddress, load: Load): Promise<void> {
  const { acknowledged, unexpected } = load;
  expect(unexpected).toEqual([]);
  await expectNothingLost(address, acknowledged);
  expect((await eventsByKey(address)).size).toBe(acknowledged.length);
  const used = await query<{ name: string; used: string }>(
    address,
    `SELECT c.id || ' ' || b.feature_id AS name, trim_scale(b.used)::text AS used
    FROM balances b JOIN customers c USING (customer_key) WHERE b.used <> 0`,
  );
  const expected = [...usedOf(acknowledged)].map(([name, amount]) => [name, textOf(amount)]);
  expect(Object.fromEntries(used.map((row) => [row.name, row.used]))).toEqual(
    Object.fromEntries(expected),
  );
  await expectHeldExactly(address, load);
  expect(await damagesOf(address)).toEqual([]);
}

/** Every reservation is live or has ended exactly once, and balances have reserved what is held, no more and no less. */
async function expectHeldExactly(address: DatabaseAddress, { holds }: Load): Promise<void> {
  const rows = await query<Record<string, string>>(
    address,
    `SELECT c.id AS "customerId", r.id AS "reservationId", r.used::float, r.held::float, coalesce(r.ended_how,
      CASE WHEN r.expires_at <= now() + interval '2 seconds' THEN 'EXPIRED' ELSE 'LIVE' END) AS status
    FROM reservations r JOIN customers c USING (customer_key)`,
  );
  const seen = rows.map((row) => (row['status'] === 'EXPIRED' ? { ...row, held: 0 } : row));
  expect(byName(seen)).toEqual(byName(holds));
}

function byName(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
}

async function eventsByKey(address: DatabaseAddress): Promise<Map<string, number>> {
  const rows = await query<{ name: string; count: number }>(
    address,
    `SELECT c.id || ' ' || idempotency_key AS name, count(*)::int
    FROM events JOIN customers c USING (customer_key) GROUP BY 1`,
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

async function query<Row extends pg.QueryResultRow>(
  address: DatabaseAddress,
  sql: string,
): Promise<Row[]> {
  const client = await connectOnce(address, CONNECT_TIMEOUT_MS);
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
