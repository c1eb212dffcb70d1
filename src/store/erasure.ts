import { present } from '../domain/assert.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { Erased, Nouns } from '../meter/store.js';
import type { StoreContext } from './context.js';
import { isCustomer } from './customer-row.js';
import { findCustomer } from './customers.js';

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
  readonly table: string;
  readonly key: 'id' | 'key' | 'event_id';
  readonly keyType: 'uuid' | 'text';
  /** What becomes of the rows `r` of a page. */
  readonly change: string;
  /** Which of them need it. */
  readonly where: string;
}

/** In this order: what names a person first. */
const STAGES: Readonly<Record<string, Stage>> = {
  entities: {
    table: 'public.entities',
    key: 'id',
    keyType: 'text',
    change: `UPDATE public.entities AS r SET id = ${tombstone('r.id')}, name = NULL, metadata = '{}',
      deleted_at = coalesce(r.deleted_at, date_trunc('milliseconds', clock_timestamp()))`,
    where: 'true',
  },
  keys: {
    table: 'public.idempotency_keys',
    key: 'key',
    keyType: 'text',
    change: 'DELETE FROM public.idempotency_keys AS r',
    where: 'true',
  },
  balances: {
    table: 'public.balances',
    key: 'id',
    keyType: 'uuid',
    change: `UPDATE public.balances AS r SET entity_id = ${tombstone('r.entity_id')}, given_id = NULL`,
    where: 'num_nonnulls(r.entity_id, r.given_id) > 0',
  },
  events: {
    table: 'public.events',
    key: 'id',
    keyType: 'uuid',
    change: `UPDATE public.events AS r SET properties = NULL, idempotency_key = NULL,
      reservation_id = NULL, entity_id = ${tombstone('r.entity_id')}`,
    where: 'num_nonnulls(r.properties, r.idempotency_key, r.reservation_id, r.entity_id) > 0',
  },
  voids: {
    table: 'public.event_voids',
    key: 'event_id',
    keyType: 'uuid',
    change: 'UPDATE public.event_voids AS r SET reason = NULL, actor = NULL',
    where: 'num_nonnulls(r.reason, r.actor) > 0',
  },
  reservations: {
    table: 'public.reservations',
    key: 'id',
    keyType: 'text',
    change: 'DELETE FROM public.reservations AS r',
    where: 'true',
  },
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
const pageSql = ({ table, key, keyType, change, where }: Stage) => `WITH page AS MATERIALIZED (
  SELECT r.${key} FROM ${table} AS r WHERE r.customer_key = $1::uuid AND r.${key} > $2::${keyType}
  ORDER BY r.${key} LIMIT ${STEP_ROWS_MAX}
), changed AS (
  ${change} WHERE (r.customer_key, r.${key}) > ($1::uuid, $2::${keyType})
    AND (r.customer_key, r.${key}) <= ($1::uuid, (SELECT ${key} FROM page ORDER BY ${key} DESC LIMIT 1))
    AND ${where} AND $3::text IS NOT NULL
  RETURNING 1
)
SELECT count(*)::int AS seen, (SELECT ${key}::text FROM page ORDER BY ${key} DESC LIMIT 1) AS last FROM page`;

/** Erases what is left of deleted customers, a bounded step at a time, each of which commits how far it has come. */
export function erasures(context: StoreContext): Pick<Nouns, 'eraseCustomer'> {
  return {
    eraseCustomer: (scope) =>
      context.transaction(async (tx): Promise<Erased | null> => {
        const [row] = await tx.$queryRaw<{ erasure: Progress | null }[]>`
          SELECT erasure FROM public.customers WHERE ${isCustomer(scope)} AND deleted_at IS NOT NULL
          FOR NO KEY UPDATE`;
        if (row === undefined) return null;
        const next = row.erasure === null ? null : await step(tx, scope.customerKey, row.erasure);
        if (row.erasure !== null) {
          await tx.$executeRaw`UPDATE public.customers SET erasure = ${next && JSON.stringify(next)}::jsonb
            WHERE customer_key = ${scope.customerKey}::uuid`;
        }
        const customer = await findCustomer(tx, scope);
        return { customer: present(customer, 'its row is locked'), complete: next === null };
      }),
  };
}

/** Where it is after a page; null at the end. */
async function step(
  tx: Prisma.TransactionClient,
  customerKey: string,
  progress: Progress,
): Promise<Progress | null> {
  const { salt, stage, after } = progress;
  const sql = present(STAGES[stage], 'a stage of this release');
  const from = after === '' && sql.keyType === 'uuid' ? FIRST_UUID : after;
  const [page] = await tx.$queryRawUnsafe<{ seen: number; last: string | null }[]>(
    pageSql(sql),
    customerKey,
    from,
    salt,
  );
  const { seen, last } = present(page, 'the statement gives one row');
  if (seen === STEP_ROWS_MAX && last !== null) return { ...progress, after: last };
  const following = ORDER[ORDER.indexOf(stage) + 1];
  return following === undefined ? null : { salt, stage: following, after: '' };
}
