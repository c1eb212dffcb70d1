/**
 * How calls find the rows of a customer. A connection keeps its plans while the tables grow, so none of them may rest on there having
 * been few rows: what is looked up by a key is not looked for among everything that the project has.
 */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { connect } from '../support/database/connections.js';
import { forStates, type Scan, STATES, scansOf } from '../support/database/plans.js';
import { watchStatements } from '../support/database/sent-statements.js';
import { everyCall } from '../support/gateway/every-call.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let client: pg.Client;

/** Those with rows of customers. */
const TABLES = new RegExp(`\\b(${CUSTOMER_TABLES.join('|')})\\b`);

/** Of calls; those for other tables are of the catalogue. */
let sent: ReadonlySet<string>;

beforeAll(async () => {
  sent = watchStatements(TABLES);
  gateway = await startTestGateway();
  client = await connect(gateway.database.url);
  await everyCall(gateway);
  vi.restoreAllMocks();
  await forStates(client);
});

afterAll(async () => {
  await client.end();
  await gateway.close();
});

/** An index is called `<table>_<columns>_idx`, or `<table>_pkey`. */
const tableOf = (index: string) =>
  index.replace(/^(event_voids|ledger_entries|idempotency_keys|[a-z]+)_.*/, '$1');

/** By the key of a customer, or by a project and something else; test/store/feature-uses-plan.test.ts knows what names a feature. */
const isLookup = ({ index, condition }: Scan) =>
  index === 'reservations_pkey'
    ? // A customer has few that are live, and any number of others.
      /\bid [=<>]|, id\) [<>]/.test(condition)
    : index === 'ledger_entries_pkey'
      ? // A balance has any number of entries.
        /\bcustomer_key = .*\bbalance_id = .*\bseq [=<>]/.test(condition)
      : /\bcustomer_key = |ROW\(customer_key, /.test(condition) ||
        /\bROW\(.*, project_id\) >= .*, project_id\) <= /.test(condition) ||
        /\bproject_id = .* AND /.test(condition);

describe.each(STATES)('with %s', (_name, reach) => {
  beforeAll(async () => {
    await reach(client, gateway.projectId);
  });

  it('every statement looks up what it reads', async () => {
    for (const sql of sent) {
      const scans = (await scansOf(client, sql)).filter(({ index }) => TABLES.test(tableOf(index)));
      expect(
        scans.filter((scan) => !isLookup(scan)),
        sql,
      ).toEqual([]);
    }
    expect(sent.size).toBeGreaterThan(25);
  });
});
