/**
 * The large database, as after a long time in service. Every plain customer has used one unit ten times, so that 10 are used
 * of its balance, with ledger entries. The server creates the rows itself, in chronological order, as in reality; primary
 * keys and indexes are created again after the rows, unchanged.
 */
import type pg from 'pg';
import { customerScope } from '../../../src/meter/customer-key.js';
import { uuidTail, uuidV7 } from '../../../src/platform/id.js';
import { connect } from '../../support/database/connections.js';
import { customerId } from '../requests.js';
import { API_CALLS, GRANTED } from './families.js';
import { type BenchData, createData } from './small.js';

const EVENTS_EACH = 10;
const CHUNK = 20_000;

export interface LargeData extends BenchData {
  readonly customers: number;
}

export interface LargeOptions {
  /** An empty database with the migrations applied. */
  readonly url: string;
  readonly customers: number;
  /** Customers with several balances, for reads. */
  readonly readers: number;
}

export async function createLargeData(options: LargeOptions): Promise<LargeData> {
  const { url, customers, readers } = options;
  const data = await createData({ url, customers: { reader: readers } });
  await withClient(url, async (client) => {
    await client.query(
      'CREATE UNLOGGED TABLE bench_customers (n int, key uuid, balance uuid, tail text)',
    );
    for (let from = 0; from < customers; from += CHUNK) {
      await createCustomers(client, data.projectId, from, Math.min(from + CHUNK, customers));
    }
  });
  await Promise.all([
    fillTable(url, 'events', EVENTS, data),
    fillTable(url, 'ledger_entries', ENTRIES, data),
  ]);
  await withClient(url, async (client) => {
    await client.query('DROP TABLE bench_customers');
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  });
  return { ...data, customers };
}

async function createCustomers(
  client: pg.Client,
  projectId: string,
  from: number,
  to: number,
): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, index) => customerId('plain', from + index));
  const keys = ids.map((id) => customerScope(projectId, id).customerKey);
  const balances = ids.map(() => uuidV7());
  await client.query(
    `INSERT INTO customers (customer_key, project_id, id, version)
     SELECT t.key, $1, t.id, ${EVENTS_EACH} FROM unnest($2::uuid[], $3::text[]) AS t(key, id)`,
    [projectId, keys, ids],
  );
  await client.query(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, granted, used, reset_interval,
       reset_interval_count, reset_anchor, next_reset_at, overage_allowed, ledger_seq, created_at)
     SELECT t.key, t.balance, $1, '${API_CALLS}', ${GRANTED}, ${EVENTS_EACH}, 'YEAR', 1, start.at,
       start.at + interval '1 year', false, ${EVENTS_EACH + 1}, start.at
     FROM unnest($2::uuid[], $3::uuid[]) AS t(key, balance), (SELECT ${START} AS at) AS start`,
    [projectId, keys, balances],
  );
  await client.query(
    `INSERT INTO bench_customers
     SELECT $1::int + t.place - 1, t.key, t.balance, t.tail
     FROM unnest($2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY AS t(key, balance, tail, place)`,
    [from, keys, balances, ids.map(() => uuidTail())],
  );
}

/** The start of the history: each usage event is a week after the previous one, and all are in the past. */
const START = `date_trunc('day', now()) - interval '${7 * (EVENTS_EACH + 1)} days'`;

/** Each customer with the time of its usage event, computed once per row: OFFSET keeps the planner from repeating it. */
const USED = `(SELECT key, balance, tail, $2::timestamptz + n * interval '500 ms' AS at
  FROM bench_customers OFFSET 0) AS used`;

/** Statements: $1 is the project, and $2 the time of the first customer's grant or usage event. */
interface Filling {
  readonly grant: string | null;
  readonly use: (number: number) => string;
}

const EVENTS: Filling = {
  grant: null,
  use: () => `INSERT INTO events (customer_key, id, project_id, feature_id, value, properties,
      occurred_at, recorded_at, outcome)
    SELECT key, tollgate_event_id(at, tail), $1::uuid, '${API_CALLS}', 1,
      '{"model":"large","region":"eu"}', at, at, ('{"deductions":[{"balanceId":"' || balance
        || '","featureId":"${API_CALLS}","amount":"1"}],"unapplied":[]}')::json
    FROM ${USED}`,
};

const ENTRIES: Filling = {
  grant: `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount,
      granted_after, used_after, effective_at, recorded_at)
    SELECT key, balance, 1, $1::uuid, 'GRANT', ${GRANTED}, ${GRANTED}, 0, $2::timestamptz, $2
    FROM bench_customers`,
  use: (number) => `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind,
      amount, granted_after, used_after, event_id, effective_at, recorded_at)
    SELECT key, balance, ${number + 2}, $1::uuid, 'TRACK', -1, ${GRANTED}, ${number + 1},
      tollgate_event_id(at, tail), at, at
    FROM ${USED}`,
};

async function fillTable(
  url: string,
  table: string,
  { grant, use }: Filling,
  { projectId }: BenchData,
): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`SET maintenance_work_mem = '1GB'`);
    // Compressing the log would take longer than writing it.
    await client.query('SET wal_compression = off');
    const { rows: keys } = await client.query<Definition>(PRIMARY_KEY, [table]);
    const { rows: indexes } = await client.query<Definition>(INDEXES, [table]);
    for (const { name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    const { rows: starts } = await client.query<{ at: Date }>(
      `SELECT ${START} + week * interval '7 days' AS at FROM generate_series(0, ${EVENTS_EACH - 1}) AS week`,
    );
    if (grant !== null) await client.query(grant, [projectId, starts[0]?.at]);
    for (const [number, { at }] of starts.entries()) {
      await client.query(use(number), [projectId, at]);
    }
    for (const { name, definition } of keys) {
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    }
    for (const { definition } of indexes)
      await client.query(definition.replace(' ON ONLY ', ' ON '));
  });
}

interface Definition {
  readonly name: string;
  readonly definition: string;
}

const PRIMARY_KEY = `SELECT conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`;

/** The indexes that do not belong to a constraint. */
const INDEXES = `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = $1::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`;

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await connect(url);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
