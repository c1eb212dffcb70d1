import type { Loaded, LoadOptions, LoadRequest, StoredResult } from '../meter/write/write-path.js';
import {
  accountsFromJson,
  BALANCE_JSON,
  type BalanceJson,
  type CustomerJson,
} from './account-rows.js';
import { EVENT_CELLS } from './events.js';
import { HOLD_JSON, type HoldJson, withHolds } from './holds.js';
import { knownEvents } from './known-events.js';
import { type Placed, placed, table } from './placed.js';
import type { RawClient } from './raw.js';
import type { Row } from './read-client.js';
import { isHeld } from './rollovers.js';

const REQUESTS = `json_to_recordset($1::json)
  AS requests(customer_key uuid, project_id uuid, entity_ids text[], keys text[],
  reservation_ids text[], event_ids uuid[], balance_ids uuid[])`;

/**
 * One by one in the order of their keys, so that two gateways that lock overlapping customers queue up instead of waiting
 * for each other. A subquery that locks is planned by itself, for one customer. Its key is the only condition in there: while a table
 * is small, another index seems as good to PostgreSQL, and the plan is kept.
 */
const lock = (orElse: string) => placed`SELECT json_agg(locked.customer_key)::text AS locked
  FROM (SELECT customer_key, project_id FROM ${REQUESTS} ORDER BY customer_key) AS r
  CROSS JOIN LATERAL (SELECT c.customer_key, c.project_id FROM ${table('customers')} c
    WHERE c.customer_key = r.customer_key FOR NO KEY UPDATE ${orElse}) AS locked
  WHERE locked.project_id = r.project_id`;

const LOCK = lock('');

/** Skips those that are locked elsewhere. */
const LOCK_UNLOCKED = lock('SKIP LOCKED');

/**
 * A statement of its own, because it must see what was committed while the locks were waited for.
 * OFFSET 0 keeps the planner from reading a whole index that was small when the plan was made.
 */
const loadSql = (named: Named) => placed`WITH requests AS MATERIALIZED (SELECT * FROM ${REQUESTS})
SELECT
  (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::float8 + $2::float8 AS now,
  (SELECT json_agg(json_build_array(c.customer_key, c.id, c.version))
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('customers')} c
      WHERE c.customer_key = r.customer_key OFFSET 0) AS c
    WHERE c.project_id = r.project_id AND c.deleted_at IS NULL)::text AS customers,
  (SELECT json_agg(${BALANCE_JSON} ORDER BY b.customer_key, b.id)
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('balances')} b
      WHERE b.customer_key = r.customer_key AND b.project_id = r.project_id
        AND (b.expired_at IS NULL OR ${isHeld('b.rollovers')}) OFFSET 0) AS b)::text AS balances,
  (SELECT json_agg(${HOLD_JSON} ORDER BY h.customer_key, h.id)
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('reservations')} h
      WHERE h.customer_key = r.customer_key AND h.project_id = r.project_id
        AND h.ended_at IS NULL OFFSET 0) AS h)::text AS holds,
  (SELECT json_agg(${HOLD_JSON})
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('reservations')} h
      WHERE h.customer_key = r.customer_key AND h.project_id = r.project_id
        AND h.id = ANY (r.reservation_ids) AND h.ended_at IS NOT NULL OFFSET 0) AS h)::text AS ended_holds,
  (SELECT json_agg(json_build_array(e.customer_key, e.id))
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('entities')} e
      WHERE e.customer_key = r.customer_key AND e.project_id = r.project_id
        AND e.id = ANY (${named.entityIds}) AND e.deleted_at IS NULL OFFSET 0) AS e)::text AS entities,
  (SELECT json_agg(json_build_array(i.customer_key, i.key, i.fingerprint, i.outcome,
      (extract(epoch FROM i.recorded_at) * 1000)::bigint))
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('idempotency_keys')} i
      WHERE i.customer_key = r.customer_key AND i.project_id = r.project_id
        AND i.key = ANY (r.keys) OFFSET 0) AS i)::text AS stored_results,
  ${named.events} AS events,
  ${named.ended} AS ended,
  (SELECT json_agg(json_build_array(p.id, p.catalog_version))
    FROM (SELECT DISTINCT project_id FROM requests) AS r CROSS JOIN LATERAL (SELECT * FROM public.projects p
      WHERE p.id = r.project_id OFFSET 0) AS p)::text AS catalogs`;

const LOAD = loadSql({ events: 'NULL::text', ended: 'NULL::text', entityIds: 'r.entity_ids' });

/**
 * The same with the events and their entities, and the balances that have ended, that are requested, so that all others take no
 * time for them.
 */
const LOAD_NAMED = loadSql({
  events: placed`(SELECT json_agg(${EVENT_CELLS})
    FROM requests r0 CROSS JOIN LATERAL (SELECT * FROM ${table('events')} e
      WHERE e.customer_key = r0.customer_key AND e.project_id = r0.project_id
        AND e.id = ANY (r0.event_ids) OFFSET 0) AS r)::text`,
  ended: placed`(SELECT json_agg(${BALANCE_JSON})
    FROM requests r CROSS JOIN LATERAL (SELECT * FROM ${table('balances')} b
      WHERE b.customer_key = r.customer_key AND b.project_id = r.project_id AND b.id = ANY (r.balance_ids)
        AND b.expired_at IS NOT NULL AND NOT ${isHeld('b.rollovers')} OFFSET 0) AS b)::text`,
  entityIds: placed`r.entity_ids || ARRAY(SELECT v.entity_id FROM ${table('events')} v
      WHERE v.customer_key = r.customer_key AND v.project_id = r.project_id
        AND v.id = ANY (r.event_ids))`,
});

/** Parts of the statement that not every request needs. */
interface Named {
  readonly events: Placed | string;
  readonly ended: Placed | string;
  readonly entityIds: Placed | string;
}

interface LoadRow {
  readonly now: number;
  readonly customers: string | null;
  readonly balances: string | null;
  readonly holds: string | null;
  readonly ended_holds: string | null;
  readonly entities: string | null;
  readonly stored_results: string | null;
  readonly events: string | null;
  readonly ended: string | null;
  readonly catalogs: string | null;
}

type StoredResultJson = readonly [string, string, unknown, unknown, number];

/** Locks the customers and reads what decisions about them need: two statements, however many customers. */
export async function lockAndLoad(
  client: RawClient,
  requests: readonly LoadRequest[],
  options: LoadOptions & { readonly clockOffsetMs: number },
): Promise<Loaded> {
  const parameter = parameterOf(requests);
  const { locked } = await client.row<{ readonly locked: string | null }>(
    options.skipLocked ? LOCK_UNLOCKED : LOCK,
    parameter,
  );
  const loaded = await loadFrom(client, requests, parameter, options.clockOffsetMs);
  const notLocked = new Set(loaded.accounts.keys());
  for (const customerKey of list<string>(locked)) notLocked.delete(customerKey);
  if (options.skipLocked) return { ...loaded, lockedElsewhere: notLocked };
  // Created between the two statements: for this call, they do not exist yet.
  const accounts = new Map(loaded.accounts);
  for (const customerKey of notLocked) accounts.delete(customerKey);
  return { ...loaded, accounts };
}

/** Reads what decisions about the customers need, in one statement and without a lock. */
export function load(
  client: RawClient,
  requests: readonly LoadRequest[],
  clockOffsetMs: number,
): Promise<Loaded> {
  return loadFrom(client, requests, parameterOf(requests), clockOffsetMs);
}

function parameterOf(requests: readonly LoadRequest[]): string {
  return JSON.stringify(
    requests.map((one) => ({
      customer_key: one.customerKey,
      project_id: one.projectId,
      entity_ids: one.entityIds,
      keys: one.idempotencyKeys,
      // Omitted, they are null.
      reservation_ids: one.reservationIds,
      event_ids: one.eventIds,
      balance_ids: one.balanceIds,
    })),
  );
}

async function loadFrom(
  client: RawClient,
  requests: readonly LoadRequest[],
  parameter: string,
  clockOffsetMs: number,
): Promise<Loaded> {
  const isNamed = requests.some(({ eventIds, balanceIds }) => eventIds ?? balanceIds);
  const row = await client.row<LoadRow>(isNamed ? LOAD_NAMED : LOAD, parameter, clockOffsetMs);
  const read = accountsFromJson(
    requests,
    list<CustomerJson>(row.customers),
    [...list<BalanceJson>(row.balances), ...list<BalanceJson>(row.ended)],
    list<readonly [string, string]>(row.entities),
  );
  const holds = [...list<HoldJson>(row.holds), ...list<HoldJson>(row.ended_holds)];
  const isUsual = holds.length === 0 && requests.every((one) => one.reservationIds === undefined);
  const { accounts, unreadable } = isUsual ? read : withHolds(read, requests, holds);
  const known = knownEvents(list<Row>(row.events));
  return {
    now: row.now,
    accounts,
    unreadable: new Map([...unreadable, ...known.unreadable]),
    events: known.events,
    lockedElsewhere: new Set(),
    storedResults: storedResultsFrom(list<StoredResultJson>(row.stored_results)),
    catalogVersions: new Map(list<readonly [string, number]>(row.catalogs)),
  };
}

/** `json_agg` gives null for no rows; the element's shape is the SQL's beside it. */
function list<T>(json: string | null): readonly T[] {
  return json === null ? [] : (JSON.parse(json) as readonly T[]);
}

function storedResultsFrom(
  rows: readonly StoredResultJson[],
): Map<string, Map<string, StoredResult>> {
  const results = new Map<string, Map<string, StoredResult>>();
  for (const [customerKey, key, fingerprint, result, recordedAt] of rows) {
    const ofCustomer = results.get(customerKey) ?? new Map<string, StoredResult>();
    results.set(customerKey, ofCustomer.set(key, { fingerprint, result, recordedAt }));
  }
  return results;
}
