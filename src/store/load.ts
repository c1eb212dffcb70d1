import type { Fingerprint } from '../domain/idempotency.js';
import type { Loaded, LoadOptions, StoredAnswer, Wanted } from '../meter/write/write-path.js';
import {
  accountsFromJson,
  BALANCE_JSON,
  type BalanceJson,
  type CustomerJson,
} from './account-rows.js';
import type { RawClient } from './raw.js';

const WANTED = `json_to_recordset($1::json)
  AS wanted(customer_key uuid, project_id uuid, entity_ids text[], keys text[])`;

/** Sorted, so that two gateways that lock overlapping customers queue up instead of waiting for each other. */
const lock = (orElse: string) => `SELECT json_agg(customer_key)::text AS locked FROM (
  SELECT c.customer_key FROM ${WANTED}
  JOIN customers c ON c.customer_key = wanted.customer_key AND c.project_id = wanted.project_id
  ORDER BY c.customer_key FOR NO KEY UPDATE OF c ${orElse}) AS locks`;

const LOCK = lock('');

/** Passes over those whom somebody else has locked. */
const LOCK_FREE = lock('SKIP LOCKED');

/**
 * A statement of its own, because it must see what was committed while the locks were waited for.
 * OFFSET 0 keeps the planner from reading a whole index that was small when the plan was made.
 */
const LOAD = `WITH wanted AS MATERIALIZED (SELECT * FROM ${WANTED})
SELECT
  (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::float8 + $2::float8 AS now,
  (SELECT json_agg(json_build_array(c.customer_key, c.id, c.version))
    FROM wanted w JOIN customers c
      ON c.customer_key = w.customer_key AND c.project_id = w.project_id)::text AS customers,
  (SELECT json_agg(${BALANCE_JSON} ORDER BY b.customer_key, b.id)
    FROM wanted w JOIN balances b
      ON b.customer_key = w.customer_key AND b.project_id = w.project_id
    WHERE b.expired_at IS NULL)::text AS balances,
  (SELECT json_agg(json_build_array(e.customer_key, e.id))
    FROM wanted w CROSS JOIN LATERAL (SELECT * FROM entities e
      WHERE e.customer_key = w.customer_key AND e.project_id = w.project_id
        AND e.id = ANY (w.entity_ids) AND e.deleted_at IS NULL OFFSET 0) AS e)::text AS entities,
  (SELECT json_agg(json_build_array(i.customer_key, i.key, i.fingerprint, i.outcome,
      (extract(epoch FROM i.recorded_at) * 1000)::bigint))
    FROM wanted w CROSS JOIN LATERAL (SELECT * FROM idempotency_keys i
      WHERE i.customer_key = w.customer_key AND i.project_id = w.project_id
        AND i.key = ANY (w.keys) OFFSET 0) AS i)::text AS answers,
  (SELECT json_agg(json_build_array(p.id, p.catalog_version))
    FROM projects p WHERE p.id IN (SELECT project_id FROM wanted))::text AS catalogs`;

interface LoadRow {
  readonly now: number;
  readonly customers: string | null;
  readonly balances: string | null;
  readonly entities: string | null;
  readonly answers: string | null;
  readonly catalogs: string | null;
}

type AnswerJson = readonly [string, string, Fingerprint, unknown, number];

/** Locks the customers and reads what decisions about them need: two statements, however many customers. */
export async function lockAndLoad(
  client: RawClient,
  wanted: readonly Wanted[],
  options: LoadOptions & { readonly clockOffsetMs: number },
): Promise<Loaded> {
  const parameter = parameterOf(wanted);
  const { locked } = await client.row<{ readonly locked: string | null }>(
    options.passOverHeld ? LOCK_FREE : LOCK,
    parameter,
  );
  const loaded = await loadFrom(client, parameter, options.clockOffsetMs);
  const held = new Set(loaded.accounts.keys());
  for (const customerKey of list<string>(locked)) held.delete(customerKey);
  return { ...loaded, held };
}

/** Reads what decisions about the customers need, in one statement and without a lock. */
export function load(
  client: RawClient,
  wanted: readonly Wanted[],
  clockOffsetMs: number,
): Promise<Loaded> {
  return loadFrom(client, parameterOf(wanted), clockOffsetMs);
}

function parameterOf(wanted: readonly Wanted[]): string {
  return JSON.stringify(
    wanted.map(({ customerKey, projectId, entityIds, idempotencyKeys }) => ({
      customer_key: customerKey,
      project_id: projectId,
      entity_ids: entityIds,
      keys: idempotencyKeys,
    })),
  );
}

async function loadFrom(
  client: RawClient,
  parameter: string,
  clockOffsetMs: number,
): Promise<Loaded> {
  const row = await client.row<LoadRow>(LOAD, parameter, clockOffsetMs);
  return {
    now: row.now,
    accounts: accountsFromJson(
      list<CustomerJson>(row.customers),
      list<BalanceJson>(row.balances),
      list<readonly [string, string]>(row.entities),
    ),
    held: new Set(),
    answers: answersFrom(list<AnswerJson>(row.answers)),
    catalogVersions: new Map(list<readonly [string, number]>(row.catalogs)),
  };
}

/** `json_agg` gives null for no rows; the element's shape is the SQL's beside it. */
function list<T>(json: string | null): readonly T[] {
  return json === null ? [] : (JSON.parse(json) as readonly T[]);
}

function answersFrom(rows: readonly AnswerJson[]): Map<string, Map<string, StoredAnswer>> {
  const answers = new Map<string, Map<string, StoredAnswer>>();
  for (const [customerKey, key, fingerprint, outcome, recordedAt] of rows) {
    const ofCustomer = answers.get(customerKey) ?? new Map<string, StoredAnswer>();
    answers.set(customerKey, ofCustomer.set(key, { fingerprint, outcome, recordedAt }));
  }
  return answers;
}
