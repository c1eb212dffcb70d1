/** The plan of the commit statement, which a connection makes once and keeps while the tables grow. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitStatement } from '../../src/store/commit.js';
import { EVERY_WRITES } from '../../src/store/commit-kinds.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { connect } from '../support/database/connections.js';
import { analyze, forStates, STATES, scansOf } from '../support/database/plans.js';
import { createStore, type TestStore } from '../support/database/store.js';

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

/** The kinds of rows that each statement writes. */
const KINDS = EVERY_WRITES.map((writes) => writes.flatMap(({ kinds }) => kinds));

/** The indexes by which the statement finds rows, and how: by all of their columns. */
const LOOKUPS: Readonly<Record<string, RegExp>> = {
  projects_pkey: /^\(id = \S+\)$/,
  customers_pkey: /^\(customer_key = .*\)$/,
  balances_pkey: /^\(\(customer_key = \S+\) AND \(id = \S+\)\)$/,
  reservations_pkey: /^\(\(customer_key = \S+\) AND \(id = \S+\)\)$/,
  idempotency_keys_pkey: /^\(\(customer_key = \S+\) AND \(key = \S+\)\)$/,
};

describe.each(STATES.toSpliced(1, 0, ['tables that were analyzed while they were empty', analyze]))(
  'with %s',
  (_name, reach) => {
    beforeAll(async () => {
      await reach(client, test.projectId);
    });

    it.each(KINDS)('a commit finds every row by its whole key: %s …', async (...kinds) => {
      const change = {
        customerKey: test.projectId,
        projectId: test.projectId,
        version: 1,
        catalogVersion: 1,
        validFrom: null,
        validUntil: null,
        writes: true,
        keysUnused: [],
        rows: Object.fromEntries(kinds.map((kind) => [kind, []])),
      };
      const scans = await scansOf(client, commitStatement([change], 2).sql.in(PLACE_0));
      const others = scans.filter(
        ({ index, condition }) => LOOKUPS[index]?.test(condition) !== true,
      );
      expect(others).toEqual([]);
      expect(scans.map(({ index }) => index)).toContain('balances_pkey');
    });
  },
);
