/** What checks are judged on, and balances are shown from. */
import type { Account } from '../domain/account.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../domain/hold.js';
import type { Answer, ReadPath, Standing, StandingAddress } from '../meter/read/read-path.js';
import { oneStep } from '../platform/steps.js';
import { BALANCE_TEXT, balanceFromText } from './balances.js';
import { numberOf, textOf } from './codec.js';
import { HOLD_JSON, type HoldJson, holdFromJson } from './holds.js';
import { placed, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { isHeld } from './rollovers.js';
import { rowsInSteps } from './rows-in-steps.js';

/**
 * One snapshot: for each customer a row with its version and those of the requested entities that exist, followed by a row for each of its
 * balances and reservations unless the version is the cached one: the same ones that the write path loads. The first row has the clock, and
 * the catalogue's version.
 */
const STANDINGS = placed`WITH clock AS MATERIALIZED (
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS now),
  c AS MATERIALIZED (SELECT w.*, c.id, c.version
    FROM unnest($2::uuid[], $3::bigint[], $4::json[]) WITH ORDINALITY AS w(customer_key, known, entity_ids, n)
    LEFT JOIN LATERAL (SELECT * FROM ${table('customers')} AS c WHERE c.customer_key = w.customer_key OFFSET 0) AS c
      ON c.project_id = $1 AND c.deleted_at IS NULL)
SELECT * FROM (
  SELECT c.n, (SELECT now FROM clock) AS now,
    (SELECT p.catalog_version FROM public.projects AS p WHERE p.id = $1), c.id, c.version,
    CASE WHEN c.entity_ids IS NOT NULL THEN (
      SELECT json_agg(e.id) FROM json_array_elements_text(c.entity_ids) AS wanted(id)
      CROSS JOIN LATERAL (SELECT * FROM ${table('entities')} AS e
        WHERE e.customer_key = c.customer_key AND e.id = wanted.id AND e.project_id = $1
          AND e.deleted_at IS NULL OFFSET 0) AS e) END,
    NULL, NULL
  FROM c
  UNION ALL
  SELECT c.n, NULL, NULL, NULL, NULL, NULL, ${BALANCE_TEXT}, NULL
  FROM c CROSS JOIN LATERAL (SELECT * FROM ${table('balances')} AS r
    WHERE r.customer_key = c.customer_key AND r.project_id = $1
      AND (r.expired_at IS NULL OR ${isHeld('r.rollovers')}) OFFSET 0) AS r
  WHERE c.version IS DISTINCT FROM c.known
  UNION ALL
  SELECT r.n, NULL, NULL, NULL, NULL, NULL, NULL, (${HOLD_JSON})::text
  FROM (SELECT c.*, NULL::text[] AS reservation_ids FROM c) AS r
  CROSS JOIN LATERAL (SELECT * FROM ${table('reservations')} AS h
    WHERE h.customer_key = r.customer_key AND h.project_id = $1 AND h.ended_at IS NULL OFFSET 0) AS h
  WHERE r.version IS DISTINCT FROM r.known
) AS found ORDER BY found.n, found.now LIMIT $5::bigint`;

/** The columns of a balance and of a reservation, without the customer's place. */
const [BALANCE_CELL, HOLD_CELL] = [5, 6];

/** Balances and reservations per statement. Customers of which they do not fit are requested again. */
export const ROWS_MAX = 5_000;

const ROWS_UNBOUNDED = Number.MAX_SAFE_INTEGER - 1;

/** All checks of one customer in a statement, which share what is read for it. */
interface Asked {
  readonly customerKey: string;
  readonly known: Account | null;
  readonly entityIds: Set<string>;
  /** Its row, then those of its balances and reservations. */
  readonly rows: Row[];
  standing: Standing | null;
}

export function standingReads(
  client: ReadClient,
  clockOffsetMs: () => number,
): Pick<ReadPath, 'standings'> {
  /** Returns how many of the customers have all of their rows. */
  async function fill(projectId: string, customers: readonly Asked[], rowsMax: number) {
    for (const { rows } of customers) rows.length = 0;
    const rows = await client.rows(
      STANDINGS,
      projectId,
      customers.map(({ customerKey }) => customerKey),
      customers.map(({ known }) => known?.version ?? null),
      customers.map(({ entityIds }) =>
        entityIds.size === 0 ? null : JSON.stringify([...entityIds]),
      ),
      rowsMax + 1,
    );
    for (const [n, ...row] of rows) customers[Number(n) - 1]?.rows.push(row);
    return rows.length <= rowsMax ? customers.length : Number(rows.at(-1)?.[0]) - 1;
  }

  return {
    standings: async (projectId, addresses) => {
      const customers = byCustomer(addresses);
      const list = [...customers.values()];
      let complete = await fill(projectId, list, ROWS_MAX + list.length);
      // All balances of a single customer, however many, or it could never be read.
      if (complete === 0) complete = await fill(projectId, list.slice(0, 1), ROWS_UNBOUNDED);
      const read = new Set(list.slice(0, complete));
      return addresses.map(({ customerKey }) => {
        const asked = customers.get(customerKey);
        if (asked === undefined || !read.has(asked)) return oneStep(() => null);
        return standingOf(asked, clockOffsetMs());
      });
    },
  };
}

function byCustomer(addresses: readonly StandingAddress[]): Map<string, Asked> {
  const customers = new Map<string, Asked>();
  for (const { customerKey, entityId, known } of addresses) {
    const others = customers.get(customerKey);
    const entityIds = others?.entityIds ?? new Set();
    if (entityId !== null) entityIds.add(entityId);
    // Of two that were cached, one after the other, neither may be the customer's version.
    const isSame = others === undefined || others.known?.version === known?.version;
    customers.set(customerKey, {
      customerKey,
      known: isSame ? known : null,
      entityIds,
      rows: [],
      standing: null,
    });
  }
  return customers;
}

function* standingOf(asked: Asked, clockOffsetMs: number): Answer<Standing> {
  if (asked.standing !== null) return asked.standing;
  const [head = [], ...rows] = asked.rows;
  const [now, catalogVersion, id, version, existing] = head;
  const isHold = (row: Row) => (row[HOLD_CELL] ?? null) !== null;
  const held = rows.filter(isHold);
  const ofBalances = held.length === 0 ? rows : rows.filter((row) => !isHold(row));
  const balances = yield* rowsInSteps(ofBalances, balanceOf);
  const holds = held.length === 0 ? NO_HOLDS : yield* rowsInSteps(held, holdOf);
  const known = id !== null && asked.known?.version === Number(version) ? asked.known : null;
  const account =
    id === null
      ? null
      : (known ?? {
          customerKey: asked.customerKey,
          customerId: textOf(id),
          version: numberOf(version),
          balances: balances.sort((a, b) => (a.id < b.id ? -1 : 1)),
          holds,
          ended: NO_KNOWN_HOLDS,
          entities: NO_ENTITIES,
        });
  asked.standing = {
    now: numberOf(now) + clockOffsetMs,
    catalogVersion: numberOf(catalogVersion),
    rows: rows.length,
    account: account && withEntities(account, asked.entityIds, existing ?? null),
  };
  return asked.standing;
}

function balanceOf(row: Row) {
  return balanceFromText(textOf(row[BALANCE_CELL]));
}

function holdOf(row: Row) {
  return holdFromJson(holdJson(textOf(row[HOLD_CELL])));
}

/** The elements are those of `HOLD_JSON`. */
function holdJson(text: string): HoldJson {
  return JSON.parse(text) as HoldJson;
}

/** Shared, because of most customers no entity is needed. */
const NO_ENTITIES: ReadonlyMap<string, boolean> = new Map();

/** The same account if nothing else was known of these entities, so that what has been derived from it is found again. */
function withEntities(
  account: Account,
  entityIds: ReadonlySet<string>,
  existing: string | null,
): Account {
  if (entityIds.size === 0) return account;
  const found = new Set<string>(existing === null ? [] : JSON.parse(existing));
  const isKnown = (id: string) => account.entities.get(id) === found.has(id);
  if ([...entityIds].every(isKnown)) return account;
  const entities = new Map(account.entities);
  for (const id of entityIds) entities.set(id, found.has(id));
  return { ...account, entities };
}
