/**
 * Baseline (d), the database limit: how many of the same events PostgreSQL can record with nothing but SQL. Batches of
 * 1,000 events in one statement each: events, ledger entries, balances and customers' versions, with all constraints and
 * indexes of the real tables. Each connection has its own customers, so that none waits for another.
 */
import type pg from 'pg';
import { present } from '../../../src/domain/assert.js';
import { uuidV7 } from '../../../src/platform/id.js';
import { connect } from '../../support/database/connections.js';
import { API_CALLS, GRANTED } from '../fill/families.js';
import type { DriverOrder } from '../protocol.js';
import { PROPERTIES } from '../requests.js';
import { type PlainAccount, plainAccounts } from './accounts.js';
import { type Driver, runDriver } from './drive.js';

const BATCH = 1_000;

/** The rows are passed as arrays, which PostgreSQL reads faster than JSON. */
const RECORD = `WITH clock AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS now),
event AS MATERIALIZED (
  SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::numeric[], $8::text[], $9::text[])
    AS t(customer, id, balance, seq, used, properties, outcome)
), changed AS MATERIALIZED (
  SELECT * FROM unnest($10::uuid[], $11::uuid[], $12::bigint[], $13::numeric[])
    AS t(customer, balance, seq, used)
), new_events AS (
  INSERT INTO events (customer_key, id, project_id, feature_id, value, properties, occurred_at,
    recorded_at, outcome)
  SELECT customer, id, $1, $2, 1, properties::jsonb, now, now, outcome::json FROM event, clock
), new_entries AS (
  INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
    used_after, event_id, effective_at, recorded_at)
  SELECT customer, balance, seq, $1, 'TRACK', -1, ${GRANTED}, used, id, now, now FROM event, clock
), new_balances AS (
  UPDATE balances b SET used = changed.used, ledger_seq = changed.seq FROM changed
  WHERE b.customer_key = changed.customer AND b.id = changed.balance
), new_versions AS (
  UPDATE customers c SET version = version + 1 FROM changed WHERE c.customer_key = changed.customer
)
SELECT now FROM clock`;

runDriver(open);

async function open(order: DriverOrder): Promise<Driver> {
  const { connections, databaseUrl } = order;
  const accounts = await plainAccounts(order);
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = await connect(databaseUrl);
      // As in the store: a plan made while a table was small must not scan it when it has grown.
      await client.query('SET enable_seqscan = off');
      return client;
    }),
  );
  return {
    operations: BATCH,
    workers: clients.map((client, index) => {
      const own = accounts.filter((_, number) => number % connections === index);
      return () => recordBatch(client, order.projectId, own);
    }),
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}

async function recordBatch(
  client: pg.Client,
  projectId: string,
  accounts: readonly PlainAccount[],
): Promise<void> {
  const properties = JSON.stringify(PROPERTIES);
  const events = Array.from({ length: BATCH }, () => {
    const index = Math.floor(Math.random() * accounts.length);
    const account = present(accounts[index], 'an account');
    account.used += 1;
    account.ledgerSeq += 1;
    const { used, ledgerSeq } = account;
    return { account, id: uuidV7(), used, ledgerSeq, outcome: outcomeOf(account) };
  });
  const changed = [...new Set(events.map(({ account }) => account))];
  await client.query({
    name: 'record',
    text: RECORD,
    values: [
      projectId,
      API_CALLS,
      events.map(({ account }) => account.customerKey),
      events.map(({ id }) => id),
      events.map(({ account }) => account.balanceId),
      events.map(({ ledgerSeq }) => ledgerSeq),
      events.map(({ used }) => used),
      events.map(() => properties),
      events.map(({ outcome }) => outcome),
      changed.map(({ customerKey }) => customerKey),
      changed.map(({ balanceId }) => balanceId),
      changed.map(({ ledgerSeq }) => ledgerSeq),
      changed.map(({ used }) => used),
    ],
  });
}

function outcomeOf({ balanceId }: PlainAccount): string {
  return `{"deductions":[{"balanceId":"${balanceId}","featureId":"${API_CALLS}","amount":"1"}],"unapplied":[]}`;
}
