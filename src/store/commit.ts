import { present } from '../domain/assert.js';
import type { AccountChange, Committed } from '../meter/write/write-path.js';
import { Columns, quoted } from './columns.js';
import { CommitRows, EVERY_WRITES, type Writes, writesFor, writesSql } from './commit-kinds.js';
import { type Placed, placed, table } from './placed.js';
import type { RawClient } from './raw.js';
import { PLANNED_ONCE } from './settings.js';

/**
 * The one statement that all usage goes through. It locks the customers in the order of their keys, keeps those whose
 * guard holds, and writes for these alone: a customer that has changed is skipped entirely, and no other is affected. One
 * that is locked is about to change, so it is skipped too, and nothing waits.
 *
 * The parameters are columns, and every row names its customer by its ordinal. $1 shifts the clock in tests, and $11 is the
 * version from now on.
 */
const commitSql = (writes: Writes) => placed`${PLANNED_ONCE}WITH guard AS MATERIALIZED (
  SELECT * FROM ROWS FROM (unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],
      $7::bigint[], $8::boolean[])) WITH ORDINALITY
    AS t(customer_key, project_id, version, catalog_version, valid_from, valid_until, writes, ordinal)
), locked AS MATERIALIZED (
  -- One by one, as in load.ts.
  SELECT g.* FROM (SELECT * FROM guard ORDER BY customer_key) AS g
  CROSS JOIN LATERAL (SELECT c.project_id FROM ${table('customers')} c
    WHERE c.customer_key = g.customer_key AND c.version = g.version FOR NO KEY UPDATE SKIP LOCKED) AS c
  WHERE c.project_id = g.project_id
), clock AS MATERIALIZED (
  -- Counting the locks makes sure that they are held when the clock is read.
  SELECT now, (extract(epoch FROM now) * 1000)::bigint AS ms FROM (
    SELECT date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $1::float8 / 1000) AS now
    FROM (SELECT count(*) FROM locked) AS held OFFSET 0) AS t
), keys_used AS MATERIALIZED (
  SELECT l.ordinal FROM unnest($9::bigint[], $10::text[]) AS t(ordinal, key) JOIN locked l ON l.ordinal = t.ordinal
  WHERE EXISTS (SELECT FROM ${table('idempotency_keys')} i
    WHERE i.customer_key = l.customer_key AND i.key = t.key OFFSET 0)
), ok AS MATERIALIZED (
  SELECT l.ordinal, l.customer_key, l.project_id, l.writes FROM locked l CROSS JOIN clock
  WHERE (l.valid_from IS NULL OR clock.ms >= l.valid_from)
    AND (l.valid_until IS NULL OR clock.ms < l.valid_until)
    AND EXISTS (SELECT FROM projects p
      WHERE p.id = l.project_id AND p.catalog_version = l.catalog_version OFFSET 0)
    AND NOT EXISTS (SELECT FROM keys_used k WHERE k.ordinal = l.ordinal)
), new_versions AS (
  UPDATE ${table('customers')} c SET version = $11::bigint
  WHERE c.customer_key = ANY (ARRAY(SELECT ok.customer_key FROM ok WHERE ok.writes))
), ${writesSql(writes, 11)}
SELECT clock.ms::float8 AS now, (SELECT string_agg(ordinal::text, ',') FROM ok) AS ok FROM clock`;

const STATEMENTS = new Map(EVERY_WRITES.map((writes) => [writes, commitSql(writes)]));

export interface CommitStatement {
  readonly sql: Placed;
  /** The parameters after the first, in order: columns as text. */
  readonly parameters: readonly string[];
}

/** The statement that commits the changes, one per customer, and gives the customers that version. */
export function commitStatement(
  changes: readonly AccountChange[],
  nextVersion: number,
): CommitStatement {
  const writes = writesFor(changes);
  const guards = new Columns(7);
  const keysUnused = new Columns(2);
  const rows = new CommitRows(writes);
  let ordinal = 0;
  for (const change of changes) {
    ordinal += 1;
    guards.add(
      change.customerKey,
      change.projectId,
      change.version,
      change.catalogVersion,
      change.validFrom,
      change.validUntil,
      change.writes,
    );
    for (const key of change.keysUnused) keysUnused.add(ordinal, quoted(key));
    rows.add(ordinal, change.rows);
  }
  return {
    sql: present(STATEMENTS.get(writes), 'a statement for whatever is written'),
    parameters: [
      ...guards.arrays(),
      ...keysUnused.arrays(),
      String(nextVersion),
      ...rows.parameters(),
    ],
  };
}

interface CommitRow {
  readonly now: number;
  /** The ordinals of the changes whose guard held. */
  readonly ok: string | null;
}

/** Commits what can be committed of the changes. */
export async function runCommit(
  client: RawClient,
  changes: readonly AccountChange[],
  { sql, parameters }: CommitStatement,
  clockOffsetMs: number,
): Promise<Committed> {
  const row = await client.row<CommitRow>(sql, clockOffsetMs, ...parameters);
  const customerKeys = new Set<string>();
  for (const ordinal of row.ok?.split(',') ?? []) {
    const change = present(
      changes[Number(ordinal) - 1],
      'the statement names changes by their ordinal',
    );
    customerKeys.add(change.customerKey);
  }
  return { now: row.now, customerKeys };
}
