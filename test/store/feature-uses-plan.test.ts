/** Whether something uses a feature is looked up by indexes, whatever the tables contain. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USES } from '../../src/store/feature-uses.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { pinStatements } from '../../src/store/settings.js';
import { connect } from '../support/database/connections.js';
import { analyze, forStates, STATES, scansOf } from '../support/database/plans.js';
import { createStore, type TestStore } from '../support/database/store.js';

const TEXT = USES.in(PLACE_0);

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  await forStates(client);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

/** The indexes by which the statement finds rows, and how; the first two are small tables of one project. */
const LOOKUPS: readonly (readonly [index: string, condition: RegExp])[] = [
  ['credit_costs_pkey', /^\(\(project_id = \$1\) AND \(feature_id = \$2\)\)$/],
  ['removed_features_pkey', /^\(project_id = \$1\)$/],
  [
    'balances_feature_idx',
    /^\(\(ROW\(feature_id, project_id\) >= ROW\(\$2, \$1\)\) AND \(ROW\(feature_id, project_id\) <= ROW\(\$2, \$1\)\)\)$/,
  ],
  [
    'events_project_id_feature_id_id_idx',
    /^\(\(project_id = \$1\) AND \(feature_id >= \$2\) AND \(feature_id <= \$2\)\)$/,
  ],
  [
    'events_project_id_event_name_id_idx',
    /^\(\(project_id = \$1\) AND \(event_name (>= .* AND \(event_name <= .*|> ''::text\))\)$/,
  ],
  ['reservations_what_idx', /^\(\(ROW\(COALESCE.* >= ROW.* AND \(ROW\(COALESCE.* <= ROW.*$/],
];

describe.each(STATES.toSpliced(1, 0, ['tables that were analyzed while they were empty', analyze]))(
  'with %s',
  (_name, reach) => {
    it('each kind of use is one range of its index', async () => {
      await reach(client, test.projectId);
      const scans = await scansOf(client, TEXT);
      const others = scans.filter(
        ({ index, condition }) =>
          !LOOKUPS.some(([name, form]) => name === index && form.test(condition)),
      );
      expect(others).toEqual([]);
      const found = new Set(scans.map(({ index }) => index));
      expect([...found].sort()).toEqual(LOOKUPS.map(([name]) => name).sort());
    });
  },
);

it('the indexes serve it even if most rows of a table have a feature', async () => {
  await client.query('BEGIN');
  for (const pin of pinStatements({ statementTimeoutMs: 0, lockTimeoutMs: 0 })(TEXT))
    await client.query(pin);
  const { rows } = await client.query(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${TEXT.replaceAll('$1', `'${test.projectId}'`).replaceAll('$2', `'unused'`).replaceAll('$3', `'[]'`).replaceAll('$4', 'true')}`,
  );
  await client.query('ROLLBACK');
  const { Plan: plan } = rows[0]['QUERY PLAN'][0];
  expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(60);
});
