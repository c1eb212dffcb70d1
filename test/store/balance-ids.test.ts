/** What the database itself demands of an id that a caller gives to a balance. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidV5 } from '../../src/platform/id.js';
import { connect } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  client = await connect(database.url);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

const CUSTOMER = randomUUID();

const insert = (id: string, givenId: string | null) =>
  client.query(
    `INSERT INTO balances (customer_key, id, given_id, project_id, feature_id, granted, overage_allowed, ledger_seq, created_at)
    VALUES ($1, $2, $3, gen_random_uuid(), 'calls', 1, false, 1, now())`,
    [CUSTOMER, id, givenId],
  );

it.each([
  ['an id of a row that is not made of one', randomUUID(), 'own'],
  ['a space', uuidV5(CUSTOMER, 'a b'), 'a b'],
  ['no text', uuidV5(CUSTOMER, ''), ''],
  ['too long a text', uuidV5(CUSTOMER, 'long'), 'x'.repeat(256)],
])('refuses %s', async (_what, id, givenId) => {
  await expect(insert(id, givenId)).rejects.toThrow(/balances_given_id_check/);
});

it('accepts a row without one, and one of each', async () => {
  await insert(randomUUID(), null);
  await insert(uuidV5(CUSTOMER, 'own'), 'own');
  await expect(insert(uuidV5(CUSTOMER, 'own'), 'own')).rejects.toThrow(/balances_pkey/);
});
