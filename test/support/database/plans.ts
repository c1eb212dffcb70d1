/** The plans that PostgreSQL makes for a statement and keeps, whatever its parameters. */
import type pg from 'pg';
import { pinStatements } from '../../../src/store/settings.js';

/** What reads rows of a table, by an index where it has a name. */
export interface Scan {
  readonly index: string;
  /** What the index serves; empty if it is read from end to end. */
  readonly condition: string;
}

/** An index of a range is called like that of its table, with the name of the range. */
export const RANGE = /^(events|ledger_entries)_(?:first|before_\d+_\d+|from_\d+_\d+)_/;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

/** How the statement would find its rows with the plan that serves all parameters. */
export async function scansOf(client: pg.Client, sql: string): Promise<readonly Scan[]> {
  await client.query('BEGIN');
  try {
    const pins = pinStatements({ statementTimeoutMs: 0, lockTimeoutMs: 0 })(sql);
    for (const pin of pins) await client.query(pin);
    await client.query("SET LOCAL plan_cache_mode = 'force_generic_plan'");
    await client.query(`PREPARE planned AS ${sql}`);
    const numbers = [...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
    const nulls = Array.from({ length: Math.max(0, ...numbers) }, () => 'NULL').join(', ');
    const execute = nulls === '' ? 'planned' : `planned(${nulls})`;
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE ${execute}`);
    return scansIn(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('ROLLBACK');
    await client.query('DEALLOCATE ALL');
  }
}

function scansIn(plan: Plan): readonly Scan[] {
  const below = (plan.Plans ?? []).flatMap(scansIn);
  const index = plan['Index Name']?.replace(RANGE, '$1_') ?? `none of ${plan['Relation Name']}`;
  const condition = plan['Index Cond'] ?? '';
  const isScan = plan['Index Name'] !== undefined || plan['Node Type'] === 'Seq Scan';
  return isScan ? [{ index, condition }, ...below] : below;
}

/** $2 new customers, each with $3 rows in each table. Their reservations have ended. */
const GROWTH = `WITH c AS (INSERT INTO customers (customer_key, project_id, id)
      SELECT gen_random_uuid(), $1, 'grown-' || gen_random_uuid() FROM generate_series(1, $2::int) RETURNING customer_key),
    b AS (INSERT INTO balances (customer_key, id, project_id, feature_id, granted, overage_allowed, ledger_seq, created_at)
      SELECT customer_key, gen_random_uuid(), $1, 'messages', 10, false, 1, now() FROM c, generate_series(1, $3::int)),
    e AS (INSERT INTO events (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
      SELECT customer_key, gen_random_uuid(), $1, 'messages', 1, now(), now(), '{}' FROM c, generate_series(1, $3::int))
  INSERT INTO reservations (customer_key, id, project_id, feature_id, value, held, used, charges, created_at, expires_at,
      ended_at, ended_how)
    SELECT customer_key, gen_random_uuid()::text, $1, 'messages', 1, 0, 0, '[]', now(), now(), now(), 'RELEASED'
    FROM c, generate_series(1, $3::int)`;

type Reach = (client: pg.Client, projectId: string) => Promise<unknown>;

const nothing: Reach = async () => undefined;
export const analyze: Reach = (client) => client.query('ANALYZE');
const grow =
  (customers: number, rowsEach: number): Reach =>
  (client, projectId) =>
    client.query(GROWTH, [projectId, customers, rowsEach]);

/** What PostgreSQL may know of tables when it makes a plan. Reached one after the other. */
export const STATES: readonly (readonly [name: string, reach: Reach])[] = [
  ['tables that have never been analyzed', nothing],
  ['ten customers that have never been analyzed', grow(10, 2)],
  ['ten customers that have been analyzed', analyze],
  ['twenty customers more', grow(20, 2)],
  ['20,000 rows of a customer, and an analysis of ten customers', grow(1, 20_000)],
  ['20,000 rows that have been analyzed', analyze],
];

/** A session of the database in which only `STATES` decides what PostgreSQL knows. */
export async function forStates(client: pg.Client): Promise<void> {
  for (const table of ['customers', 'balances', 'events_first', 'reservations'])
    await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
  await client.query('SET session_replication_role = replica');
}
