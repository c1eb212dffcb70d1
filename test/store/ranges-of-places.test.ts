/** Ranges of places (docs/adr/0070-places.md): each place has its own, in its own schema. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rangesLike } from '../../src/store/ranges/copy-ranges.js';
import { rangedTables } from '../../src/store/ranges/ranged-tables.js';
import { CLOSING, readRanges } from '../../src/store/ranges/read-ranges.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';

const DAY_MS = 86_400_000;

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  await test.store.ranges.prepare();
});

afterAll(async () => {
  await client.end();
  await test.close();
});

it('a new place is given those of another one, without what closes the last', async () => {
  await client.query('CREATE SCHEMA place_1');
  for (const { key, literal, name } of rangedTables('public')) {
    const closed = `${key} < ${literal(Date.now() + 4_000 * DAY_MS)}`;
    await client.query(`CREATE TABLE place_1.${name} (LIKE ${name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
      PARTITION BY RANGE (${key})`);
    const last = (await readRanges(client, { name, schema: 'public' })).at(-1);
    await client.query(`ALTER TABLE ${last?.name} ADD CONSTRAINT ${CLOSING} CHECK (${closed})`);
  }
  await rangesLike(client, 'public', 'place_1');
  for (const { name } of rangedTables('public')) {
    const ranges = await readRanges(client, { name, schema: 'public' });
    expect(ranges.length).toBeGreaterThan(1);
    expect(ranges.at(-1)?.closing).not.toBeNull();
    expect(await readRanges(client, { name, schema: 'place_1' })).toEqual(
      ranges.map((range) => ({ ...range, closing: null })),
    );
  }
  const triggers = `SELECT count(*)::int, count(DISTINCT tgrelid::regclass::text)::int AS ranges FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid WHERE relispartition AND tgname ~ '_append_only$' GROUP BY relnamespace`;
  const { rows } = await client.query(triggers);
  expect(rows).toHaveLength(2);
  expect(rows[0]).toEqual(rows[1]);
});
