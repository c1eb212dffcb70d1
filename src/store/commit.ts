import { present } from '../domain/assert.js';
import type { AccountChange, Committed } from '../meter/write/write-path.js';
import type { CommitParameters } from './commit-parameters.js';
import type { RawClient } from './raw.js';

/** The id of an event at `t.at`, or at the commit, with the tail that the gateway made. */
const EVENT_ID = `(lpad(to_hex(coalesce(t.at, clock.ms)), 12, '0') || t.tail)::uuid`;

/** Milliseconds since 1970 as a time. */
const time = (ms: string) => `to_timestamp(${ms} / 1000.0)`;

/**
 * The one statement that all usage goes through. It locks the customers in the order of their keys, keeps those whose
 * guard holds, and writes for these alone: a customer that has moved on is left out whole, and no other is harmed. One
 * that is locked is about to move on, so it is left out too, and nobody waits.
 *
 * The parameters are columns: see commit-parameters.ts. $1 shifts the clock in tests.
 */
const COMMIT = `WITH guard AS MATERIALIZED (
  SELECT * FROM ROWS FROM (unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],
      $7::bigint[], $8::boolean[])) WITH ORDINALITY
    AS t(customer_key, project_id, version, catalog_version, valid_from, valid_until, writes, ordinal)
), locked AS MATERIALIZED (
  SELECT g.* FROM guard g
  JOIN customers c ON c.customer_key = g.customer_key
    AND c.project_id = g.project_id AND c.version = g.version
  ORDER BY g.customer_key FOR NO KEY UPDATE OF c SKIP LOCKED
), clock AS MATERIALIZED (
  -- Counting the locks makes sure that they are held when the clock is read.
  SELECT now, (extract(epoch FROM now) * 1000)::bigint AS ms FROM (
    SELECT date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $1::float8 / 1000) AS now
    FROM (SELECT count(*) FROM locked) AS held OFFSET 0) AS t
), keys_used AS MATERIALIZED (
  SELECT l.ordinal FROM unnest($9::bigint[], $10::text[]) AS t(ordinal, key) JOIN locked l ON l.ordinal = t.ordinal
  WHERE EXISTS (SELECT FROM idempotency_keys i
    WHERE i.customer_key = l.customer_key AND i.key = t.key OFFSET 0)
), ok AS MATERIALIZED (
  SELECT l.ordinal, l.customer_key, l.project_id, l.writes FROM locked l CROSS JOIN clock
  WHERE (l.valid_from IS NULL OR clock.ms >= l.valid_from)
    AND (l.valid_until IS NULL OR clock.ms < l.valid_until)
    AND EXISTS (SELECT FROM projects p
      WHERE p.id = l.project_id AND p.catalog_version = l.catalog_version)
    AND NOT EXISTS (SELECT FROM keys_used k WHERE k.ordinal = l.ordinal)
), new_versions AS (
  UPDATE customers c SET version = c.version + 1
  FROM ok WHERE c.customer_key = ok.customer_key AND ok.writes
), new_events AS (
  INSERT INTO events (customer_key, id, project_id, entity_id, feature_id, event_name, value,
    properties, occurred_at, recorded_at, idempotency_key, outcome)
  SELECT ok.customer_key, ${EVENT_ID}, ok.project_id, t.entity, t.feature, t.name, t.value,
    t.properties::jsonb, coalesce(${time('t.at')}, clock.now), clock.now, t.key, t.outcome::json
  FROM ROWS FROM (unnest($11::bigint[], $12::text[], $13::bigint[], $14::text[], $15::text[], $16::text[],
      $17::numeric[], $18::text[]), string_to_table($19, E'\\x1f', ''), string_to_table($20, E'\\x1f'))
    AS t(ordinal, tail, at, entity, feature, name, value, key, properties, outcome)
  JOIN ok ON ok.ordinal = t.ordinal CROSS JOIN clock
), new_entries AS (
  INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
    used_after, event_id, effective_at, recorded_at)
  SELECT ok.customer_key, t.balance, t.seq, ok.project_id, t.kind, t.amount, t.granted, t.used,
    ${EVENT_ID}, coalesce(${time('t.effective')}, clock.now), clock.now
  FROM unnest($21::bigint[], $22::uuid[], $23::bigint[], $24::ledger_kind[], $25::numeric[], $26::numeric[],
      $27::numeric[], $28::text[], $29::bigint[], $30::bigint[])
    AS t(ordinal, balance, seq, kind, amount, granted, used, tail, at, effective)
  JOIN ok ON ok.ordinal = t.ordinal CROSS JOIN clock
), used_balances AS (
  UPDATE balances b SET used = t.used, ledger_seq = t.seq
  FROM unnest($31::bigint[], $32::uuid[], $33::numeric[], $34::bigint[]) AS t(ordinal, id, used, seq)
  JOIN ok ON ok.ordinal = t.ordinal
  WHERE b.customer_key = ok.customer_key AND b.id = t.id
), reshaped_balances AS (
  UPDATE balances b SET granted = t.granted, used = t.used, rollovers = t.rollovers,
    next_reset_at = ${time('t.next_reset')}, expired_at = ${time('t.expired')}, ledger_seq = t.seq
  FROM unnest($35::bigint[], $36::uuid[], $37::numeric[], $38::numeric[], $39::jsonb[], $40::bigint[],
      $41::bigint[], $42::bigint[]) AS t(ordinal, id, granted, used, rollovers, next_reset, expired, seq)
  JOIN ok ON ok.ordinal = t.ordinal
  WHERE b.customer_key = ok.customer_key AND b.id = t.id
), new_results AS (
  INSERT INTO idempotency_keys (customer_key, key, project_id, fingerprint, outcome, recorded_at)
  SELECT ok.customer_key, t.key, ok.project_id, t.fingerprint::json, t.outcome::json, clock.now
  FROM ROWS FROM (unnest($43::bigint[], $44::text[]),
      string_to_table($45, E'\\x1f'), string_to_table($46, E'\\x1f'))
    AS t(ordinal, key, fingerprint, outcome)
  JOIN ok ON ok.ordinal = t.ordinal CROSS JOIN clock
)
SELECT clock.ms::float8 AS now, (SELECT string_agg(ordinal::text, ',') FROM ok) AS ok FROM clock`;

interface CommitRow {
  readonly now: number;
  /** The ordinals of the changes whose guard held. */
  readonly ok: string | null;
}

/** Commits what can be committed of the changes in one statement. */
export async function commitChanges(
  client: RawClient,
  changes: readonly AccountChange[],
  parameters: CommitParameters,
  clockOffsetMs: number,
): Promise<Committed> {
  const row = await client.row<CommitRow>(COMMIT, clockOffsetMs, ...parameters);
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
