import { present } from '../domain/assert.js';
import type { Erased, Nouns } from '../meter/store.js';
import type { StoreContext } from './context.js';
import { CUSTOMERS, isCustomer } from './customer-row.js';
import { findCustomer } from './customers.js';
import { type CustomerTable, placed, table } from './placed.js';
import { type RawClient, rawClient } from './raw.js';

/** Where the erasure of a customer is, in its row. */
interface Progress {
  /** Makes the ids of its entities: without it, an id cannot be recognised in what has replaced it. */
  readonly salt: string;
  readonly stage: string;
  /** The last key that has been dealt with; empty at the beginning of a stage. */
  readonly after: string;
}

/** Rows that a step deals with at most: their locks are held until its end. */
const STEP_ROWS_MAX = 1_000;

const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * The id in place of an entity's: the same wherever the entity is named, so that its sums stay apart. One that has been replaced stays.
 * $3 is the salt.
 */
const tombstone = (
  column: string,
) => `CASE WHEN ${column} ~ '^deleted:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  THEN ${column} ELSE 'deleted:' || md5($3 || ' ' || ${column})::uuid::text END`;

interface Stage {
  readonly table: CustomerTable;
  readonly key: 'id' | 'key' | 'event_id';
  readonly keyType: 'uuid' | 'text';
  /** What rows `r` become; null if they are deleted. */
  readonly set: string | null;
  /** Which of them need it. */
  readonly where: string;
}

/** In this order: what names a person first. */
const STAGES: Readonly<Record<string, Stage>> = {
  entities: {
    table: 'entities',
    key: 'id',
    keyType: 'text',
    set: `id = ${tombstone('r.id')}, name = NULL, metadata = '{}',
      deleted_at = coalesce(r.deleted_at, date_trunc('milliseconds', clock_timestamp()))`,
    where: 'true',
  },
  keys: { table: 'idempotency_keys', key: 'key', keyType: 'text', set: null, where: 'true' },
  balances: {
    table: 'balances',
    key: 'id',
    keyType: 'uuid',
    set: `entity_id = ${tombstone('r.entity_id')}, given_id = NULL`,
    where: 'num_nonnulls(r.entity_id, r.given_id) > 0',
  },
  events: {
    table: 'events',
    key: 'id',
    keyType: 'uuid',
    set: `properties = NULL, idempotency_key = NULL,
      reservation_id = NULL, entity_id = ${tombstone('r.entity_id')}`,
    where: 'num_nonnulls(r.properties, r.idempotency_key, r.reservation_id, r.entity_id) > 0',
  },
  voids: {
    table: 'event_voids',
    key: 'event_id',
    keyType: 'uuid',
    set: 'reason = NULL, actor = NULL',
    where: 'num_nonnulls(r.reason, r.actor) > 0',
  },
  reservations: { table: 'reservations', key: 'id', keyType: 'text', set: null, where: 'true' },
};

const ORDER = Object.keys(STAGES);

const FIRST = present(ORDER[0], 'there are stages');

/** At the beginning. */
export function firstProgress(salt: string): string {
  return JSON.stringify({ salt, stage: FIRST, after: '' } satisfies Progress);
}

/**
 * One page of a stage. $1 is the customer, $2 the key after which it begins. It is written as a range of the primary key, which no
 * other index can serve.
 */
const pageSql = ({ table: name, key, keyType, set, where }: Stage) => {
  const rows = placed`${table(name)} AS r`;
  const change = set === null ? placed`DELETE FROM ${rows}` : placed`UPDATE ${rows} SET ${set}`;
  return placed`WITH page AS MATERIALIZED (
  SELECT r.${key} FROM ${rows} WHERE r.customer_key = $1::uuid AND r.${key} > $2::${keyType}
  ORDER BY r.${key} LIMIT ${STEP_ROWS_MAX}
), changed AS (
  ${change} WHERE (r.customer_key, r.${key}) > ($1::uuid, $2::${keyType})
    AND (r.customer_key, r.${key}) <= ($1::uuid, (SELECT ${key} FROM page ORDER BY ${key} DESC LIMIT 1))
    AND ${where} AND $3::text IS NOT NULL
  RETURNING 1
)
SELECT count(*)::int AS seen, (SELECT ${key}::text FROM page ORDER BY ${key} DESC LIMIT 1) AS last FROM page`;
};

const PAGES = new Map(Object.values(STAGES).map((stage) => [stage, pageSql(stage)]));

interface Page {
  readonly seen: number;
  readonly last: string | null;
}

/** Erases what is left of deleted customers, a bounded step at a time, each of which commits how far it has come. */
export function erasures(context: StoreContext): Pick<Nouns, 'eraseCustomer'> {
  return {
    eraseCustomer: (scope) =>
      context.transaction(async (tx): Promise<Erased | null> => {
        const client = rawClient(tx, context.place);
        const [row] = await tx.$queryRaw<{ erasure: Progress | null }[]>`
          SELECT erasure FROM ${CUSTOMERS.raw(context.place)} WHERE ${isCustomer(scope)} AND deleted_at IS NOT NULL
          FOR NO KEY UPDATE`;
        if (row === undefined) return null;
        const next =
          row.erasure === null ? null : await step(client, scope.customerKey, row.erasure);
        if (row.erasure !== null) {
          await tx.$executeRaw`UPDATE ${CUSTOMERS.raw(context.place)} SET erasure = ${next && JSON.stringify(next)}::jsonb
            WHERE customer_key = ${scope.customerKey}::uuid`;
        }
        const customer = await findCustomer(tx, scope, context.place);
        return { customer: present(customer, 'its row is locked'), complete: next === null };
      }),
  };
}

/** Where it is after a page; null at the end. */
async function step(
  client: RawClient,
  customerKey: string,
  progress: Progress,
): Promise<Progress | null> {
  const { salt, stage, after } = progress;
  const rows = present(STAGES[stage], 'a stage of this release');
  const page = present(PAGES.get(rows), 'a statement for each stage');
  const from = after === '' && rows.keyType === 'uuid' ? FIRST_UUID : after;
  const { seen, last } = await client.row<Page>(page, customerKey, from, salt);
  if (seen === STEP_ROWS_MAX && last !== null) return { ...progress, after: last };
  const following = ORDER[ORDER.indexOf(stage) + 1];
  return following === undefined ? null : { salt, stage: following, after: '' };
}
