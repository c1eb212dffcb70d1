import type { InPlace } from './context.js';
import { placed, table } from './placed.js';
import { instantBefore, type PruneOptions } from './prune-before.js';

/** A batch of bounded size. */
export interface ErasedReservations {
  readonly reservationsSeen: number;
  readonly reservationsPruned: number;
}

const BATCH_RESERVATIONS_MAX = 2_000;

/** Those that have ended, on record or not, and are captured no more. */
const PAGE = placed`page AS MATERIALIZED (
  SELECT customer_key, id FROM ${table('reservations')}
  WHERE (customer_key, id) > ($1::uuid, $2) ORDER BY customer_key, id LIMIT ${BATCH_RESERVATIONS_MAX}
), old AS (
  SELECT r.customer_key, r.id FROM page JOIN ${table('reservations')} AS r USING (customer_key, id)
  WHERE r.properties IS NOT NULL AND coalesce(r.ended_at, r.expires_at) < $3::timestamptz
    AND ($4::uuid IS NULL OR r.project_id = $4::uuid)
)`;

const FOUND = `(SELECT count(*)::int FROM page) AS "reservationsSeen",
  (SELECT customer_key::text FROM page ORDER BY customer_key DESC, id DESC LIMIT 1) AS "customerKey",
  (SELECT id FROM page ORDER BY customer_key DESC, id DESC LIMIT 1) AS id`;

/** In the order of the primary key, so that it needs no index of its own and every batch costs the same. */
const ERASE = placed`WITH ${PAGE}, erased AS (
  UPDATE ${table('reservations')} AS r SET properties = NULL FROM old
  WHERE r.customer_key = old.customer_key AND r.id = old.id RETURNING 1
) SELECT ${FOUND}, (SELECT count(*)::int FROM erased) AS "reservationsPruned"`;

const COUNT = placed`WITH ${PAGE} SELECT ${FOUND}, (SELECT count(*)::int FROM old) AS "reservationsPruned"`;

interface BatchRow extends ErasedReservations {
  readonly customerKey: string | null;
  readonly id: string | null;
}

const FIRST_CUSTOMER = '00000000-0000-0000-0000-000000000000';

/**
 * Erases the properties of reservations that ended long ago, of which their events have copies; the reservations stay. If interrupted, it
 * has erased what it has yielded.
 */
export async function* eraseReservations(
  inPlace: InPlace,
  { olderThanDays, projectId, dryRun }: PruneOptions,
): AsyncGenerator<ErasedReservations> {
  const before = await instantBefore(inPlace, olderThanDays);
  let [customerKey, id] = [FIRST_CUSTOMER, ''];
  for (;;) {
    const parameters = [customerKey, id, before, projectId];
    const [batch] = await inPlace(({ client, write }) =>
      write(() => client.rows<BatchRow>(dryRun ? COUNT : ERASE, ...parameters)),
    );
    if (!batch || batch.customerKey === null || batch.id === null) return;
    const { reservationsSeen, reservationsPruned } = batch;
    yield { reservationsSeen, reservationsPruned };
    [customerKey, id] = [batch.customerKey, batch.id];
  }
}
