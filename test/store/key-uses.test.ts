/** The last use of keys in the database: to the minute, never backwards, and without waiting for a lock. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createKey } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';

const MINUTE_MS = 60_000;

let test: TestStore;
let client: pg.Client;
let a: string;
let b: string;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
});
afterAll(async () => {
  await client.end();
  await test.close();
});
beforeEach(async () => {
  [a, b] = [await create(), await create()];
});

async function create(): Promise<string> {
  const draft = { projectId: test.projectId, name: 'test', scopes: SCOPES, lifetimeMs: null };
  return (await createKey(test.store.apiKeys, draft)).key.id;
}

async function lastUsedAt(id: string): Promise<number | null> {
  const [key] = await test.store.apiKeys.find(id);
  return key?.lastUsedAt ?? null;
}

/** By the database's clock. */
async function minuteAgo(minutes: number): Promise<number> {
  const { rows } = await client.query(
    'SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::float8 AS minute',
  );
  return (rows[0].minute - minutes) * MINUTE_MS;
}

/** So long ago that no minute ends between the two clocks that are compared. */
const agoMs = async (minutes: number) => {
  const { rows } = await client.query(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
  );
  return rows[0].now - (await minuteAgo(minutes)) - MINUTE_MS / 2;
};

it('is recorded for many keys at once, to the minute', async () => {
  await test.store.keyUses.record([
    { keyId: a, agoMs: await agoMs(10) },
    { keyId: b, agoMs: await agoMs(20) },
  ]);
  expect([await lastUsedAt(a), await lastUsedAt(b)]).toEqual([
    await minuteAgo(10),
    await minuteAgo(20),
  ]);
});

it('does not go back, and is not written again within its minute', async () => {
  const version = async () =>
    (await client.query('SELECT xmin::text FROM api_keys WHERE id = $1', [a])).rows[0].xmin;
  await test.store.keyUses.record([{ keyId: a, agoMs: await agoMs(10) }]);
  const first = await version();
  await test.store.keyUses.record([{ keyId: a, agoMs: await agoMs(10) }]);
  await test.store.keyUses.record([{ keyId: a, agoMs: await agoMs(11) }]);
  expect(await version()).toBe(first);
  await test.store.keyUses.record([{ keyId: a, agoMs: await agoMs(9) }]);
  expect(await lastUsedAt(a)).toBe(await minuteAgo(9));
});

it('does not wait for a key that is locked elsewhere, such as by another gateway', async () => {
  await client.query('BEGIN');
  await client.query('SELECT FROM api_keys WHERE id = $1 FOR NO KEY UPDATE', [a]);
  await test.store.keyUses.record([
    { keyId: a, agoMs: await agoMs(10) },
    { keyId: b, agoMs: await agoMs(10) },
  ]);
  await client.query('COMMIT');
  expect(await lastUsedAt(a)).toBeNull();
  expect(await lastUsedAt(b)).toBe(await minuteAgo(10));
});

it('of keys that do not exist is nothing', async () => {
  await test.store.keyUses.record([{ keyId: '00000000-0000-7000-8000-000000000000', agoMs: 0 }]);
  await test.store.keyUses.record([]);
});
