import type { Balance } from '../domain/balance.js';
import { quantityToText } from '../domain/quantity.js';
import type { AccountChange, Committed, EventRef } from '../meter/store.js';
import { rolloversToJson } from './account-rows.js';
import type { RawClient } from './raw.js';

/**
 * The one statement that all usage goes through. It locks the customers in the order of their keys, keeps those whose
 * guard holds, and writes for these alone: a customer that has moved on is left out whole, and no other is harmed. One
 * that is locked is about to move on, so it is left out too, and nobody waits.
 *
 * $1 guards, $2 events, $3 ledger entries, $4 balances, $5 answers: JSON arrays, because one text parameter costs less on
 * its way through driver and server than a dozen arrays. $6 shifts the clock in tests.
 */
const COMMIT = `WITH guard AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS t(customer_key uuid, project_id uuid, version bigint,
    catalog_version bigint, valid_from timestamptz, valid_until timestamptz, writes boolean, keys text[])
), locked AS MATERIALIZED (
  SELECT g.* FROM guard g
  JOIN customers c ON c.customer_key = g.customer_key
    AND c.project_id = g.project_id AND c.version = g.version
  ORDER BY g.customer_key FOR NO KEY UPDATE OF c SKIP LOCKED
), clock AS MATERIALIZED (
  -- Counting the locks makes sure that they are held when the clock is read.
  SELECT date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $6::float8 / 1000) AS now
  FROM (SELECT count(*) FROM locked) AS held
), ok AS MATERIALIZED (
  SELECT l.customer_key, l.project_id, l.writes FROM locked l CROSS JOIN clock
  WHERE (l.valid_from IS NULL OR clock.now >= l.valid_from)
    AND (l.valid_until IS NULL OR clock.now < l.valid_until)
    AND EXISTS (SELECT FROM projects p
      WHERE p.id = l.project_id AND p.catalog_version = l.catalog_version)
    AND NOT EXISTS (SELECT FROM idempotency_keys i
      WHERE i.customer_key = l.customer_key AND i.key = ANY (l.keys) OFFSET 0)
), new_versions AS (
  UPDATE customers c SET version = c.version + 1
  FROM ok WHERE c.customer_key = ok.customer_key AND ok.writes
), new_events AS (
  INSERT INTO events (customer_key, id, project_id, entity_id, feature_id, event_name, value,
    properties, occurred_at, recorded_at, idempotency_key, outcome)
  SELECT ok.customer_key, tollgate_event_id(coalesce(t.at, clock.now), t.tail), ok.project_id, t.entity,
    t.feature, t.name, t.value, t.properties::jsonb, coalesce(t.at, clock.now), clock.now, t.key, t.outcome::json
  FROM json_to_recordset($2::json) AS t(customer uuid, tail text, at timestamptz, entity text,
    feature text, name text, value numeric, properties text, key text, outcome text)
  JOIN ok ON ok.customer_key = t.customer CROSS JOIN clock
), new_entries AS (
  INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
    used_after, event_id, effective_at, recorded_at)
  SELECT ok.customer_key, t.balance, t.seq, ok.project_id, t.kind, t.amount, t.granted, t.used,
    CASE WHEN t.tail IS NOT NULL THEN tollgate_event_id(coalesce(t.at, clock.now), t.tail) END,
    coalesce(t.effective, clock.now), clock.now
  FROM json_to_recordset($3::json) AS t(customer uuid, balance uuid, seq bigint, kind ledger_kind,
    amount numeric, granted numeric, used numeric, tail text, at timestamptz, effective timestamptz)
  JOIN ok ON ok.customer_key = t.customer CROSS JOIN clock
), new_balances AS (
  UPDATE balances b SET granted = t.granted, used = t.used, rollovers = t.rollovers,
    next_reset_at = t.next_reset, expired_at = t.expired, ledger_seq = t.seq
  FROM json_to_recordset($4::json) AS t(customer uuid, id uuid, granted numeric, used numeric,
    rollovers jsonb, next_reset timestamptz, expired timestamptz, seq bigint)
  JOIN ok ON ok.customer_key = t.customer
  WHERE b.customer_key = t.customer AND b.id = t.id
), new_answers AS (
  INSERT INTO idempotency_keys (customer_key, key, project_id, fingerprint, outcome, recorded_at)
  SELECT ok.customer_key, t.key, ok.project_id, t.fingerprint::json, t.outcome::json, clock.now
  FROM json_to_recordset($5::json) AS t(customer uuid, key text, fingerprint text, outcome text)
  JOIN ok ON ok.customer_key = t.customer CROSS JOIN clock
)
SELECT (extract(epoch FROM clock.now) * 1000)::float8 AS now,
  (SELECT json_agg(ok.customer_key) FROM ok)::text AS ok
FROM clock`;

interface CommitRow {
  readonly now: number;
  readonly ok: string | null;
}

/** The changes, one per customer, as parameters of the statement. */
export type CommitParameters = readonly [string, string, string, string, string];

export function commitParameters(changes: readonly AccountChange[]): CommitParameters {
  return [
    json(changes.map(guardRow)),
    json(changes.flatMap(eventRows)),
    json(changes.flatMap(entryRows)),
    json(changes.flatMap(balanceRows)),
    json(changes.flatMap(answerRows)),
  ];
}

/** Commits what can be committed of the changes in one statement. */
export async function commitChanges(
  client: RawClient,
  parameters: CommitParameters,
  clockOffsetMs: number,
): Promise<Committed> {
  const row = await client.row<CommitRow>(COMMIT, ...parameters, clockOffsetMs);
  const keys: unknown = row.ok === null ? [] : JSON.parse(row.ok);
  return { now: row.now, customerKeys: new Set(Array.isArray(keys) ? keys.map(String) : []) };
}

function json(rows: readonly object[]): string {
  return JSON.stringify(rows);
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function guardRow(change: AccountChange): object {
  return {
    customer_key: change.customerKey,
    project_id: change.projectId,
    version: change.version,
    catalog_version: change.catalogVersion,
    valid_from: time(change.validFrom),
    valid_until: time(change.validUntil),
    writes: change.writes,
    keys: change.keysUnused,
  };
}

function refOf(event: EventRef | null): object {
  return event === null ? {} : { tail: event.tail, at: time(event.occurredAt) };
}

function eventRows({ customerKey, events }: AccountChange): object[] {
  return events.map((event) => ({
    customer: customerKey,
    ...refOf(event),
    entity: event.entityId,
    feature: event.featureId,
    name: event.eventName,
    value: quantityToText(event.value),
    properties: event.properties,
    key: event.idempotencyKey,
    outcome: event.outcome,
  }));
}

function entryRows({ customerKey, entries }: AccountChange): object[] {
  return entries.map((entry) => ({
    customer: customerKey,
    balance: entry.balanceId,
    seq: entry.seq,
    kind: entry.kind,
    amount: quantityToText(entry.amount),
    granted: quantityToText(entry.grantedAfter),
    used: quantityToText(entry.usedAfter),
    ...refOf(entry.event),
    effective: time(entry.effectiveAt),
  }));
}

function balanceRows({ customerKey, balances }: AccountChange): object[] {
  return balances.map((balance: Balance) => ({
    customer: customerKey,
    id: balance.id,
    granted: quantityToText(balance.granted),
    used: quantityToText(balance.used),
    rollovers: rolloversToJson(balance.rollovers),
    next_reset: time(balance.nextResetAt),
    expired: time(balance.expiredAt),
    seq: balance.ledgerSeq,
  }));
}

function answerRows({ customerKey, answers }: AccountChange): object[] {
  return answers.map(({ idempotencyKey, fingerprint, outcome }) => ({
    customer: customerKey,
    key: idempotencyKey,
    fingerprint: JSON.stringify(fingerprint),
    outcome,
  }));
}
