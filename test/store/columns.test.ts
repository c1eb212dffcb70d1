/** Texts that are sent to PostgreSQL in arrays arrive unchanged. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Columns, joinJson, quoted } from '../../src/store/columns.js';
import { connect } from '../support/database/connections.js';

let client: pg.Client;
beforeAll(async () => {
  client = await connect(inject('postgresUrl'));
});
afterAll(() => client.end());

const texts = fc.array(
  fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\u0000', '')),
      fc.constantFrom('NULL', 'null', '', '{}', ',', '"', '\\', '\\"', '\u001f', ' a ', "'"),
    ),
  ),
  { maxLength: 20 },
);

it('quoted texts arrive unchanged, and only null becomes NULL', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      const columns = new Columns(1);
      for (const value of values) columns.add(quoted(value));
      const { rows } = await client.query('SELECT $1::text[] AS texts', columns.arrays());
      expect(rows[0].texts).toEqual(values);
    }),
    { numRuns: 200 },
  );
});

it('joined JSON arrives unchanged, with NULL for null', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.json()), { minLength: 2, maxLength: 10 }),
      async (json) => {
        const compact = json.map((text) =>
          text === null ? null : JSON.stringify(JSON.parse(text)),
        );
        const { rows } = await client.query(
          `SELECT array_agg(t) AS texts FROM string_to_table($1, E'\\x1f', '') AS t`,
          [joinJson(compact)],
        );
        expect(rows[0].texts).toEqual(compact);
      },
    ),
    { numRuns: 200 },
  );
});
