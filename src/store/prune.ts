import type { InPlace } from './context.js';
import { placed, table } from './placed.js';
import { instantBefore, type PruneOptions } from './prune-before.js';
import { type ErasedBatch, eraseProperties } from './prune-properties.js';
import { type ErasedReservations, eraseReservations } from './prune-reservations.js';

/** A batch of bounded size. */
export interface PrunedBatch {
  readonly keysSeen: number;
  readonly keysPruned: number;
}

export interface Prune {
  /** Deletes idempotency keys with their results, batch by batch. If interrupted, it has deleted what it has yielded. */
  keys(options: PruneOptions): AsyncGenerator<PrunedBatch>;
  /** Erases the properties of events in the same manner. */
  properties(options: PruneOptions): AsyncGenerator<ErasedBatch>;
  /** And those of reservations, which their events have copies of. */
  reservationProperties(options: PruneOptions): AsyncGenerator<ErasedReservations>;
}

const BATCH_KEYS_MAX = 5_000;

/** The key of a reservation is its id, which is never given to another. */
const PAGE = placed`page AS MATERIALIZED (
  SELECT customer_key, key, recorded_at FROM ${table('idempotency_keys')}
  WHERE (customer_key, key) > ($1::uuid, $2) ORDER BY customer_key, key LIMIT ${BATCH_KEYS_MAX}
), old AS (
  SELECT i.customer_key, i.key FROM page JOIN ${table('idempotency_keys')} i USING (customer_key, key)
  WHERE i.recorded_at < $3::timestamptz AND ($4::uuid IS NULL OR i.project_id = $4::uuid)
    AND NOT EXISTS (SELECT FROM ${table('reservations')} r
      WHERE r.customer_key = i.customer_key AND r.id = i.key OFFSET 0)
)`;

const FOUND = `(SELECT count(*)::int FROM page) AS "keysSeen",
  (SELECT customer_key::text FROM page ORDER BY customer_key DESC, key DESC LIMIT 1) AS "customerKey",
  (SELECT key FROM page ORDER BY customer_key DESC, key DESC LIMIT 1) AS key`;

/** In the order of the primary key, so that it needs no index of its own and every batch costs the same. */
const DELETE = placed`WITH ${PAGE}, gone AS (
  DELETE FROM ${table('idempotency_keys')} i USING old
  WHERE i.customer_key = old.customer_key AND i.key = old.key AND i.recorded_at < $3::timestamptz
  RETURNING 1
) SELECT ${FOUND}, (SELECT count(*)::int FROM gone) AS "keysPruned"`;

const COUNT = placed`WITH ${PAGE} SELECT ${FOUND}, (SELECT count(*)::int FROM old) AS "keysPruned"`;

interface BatchRow extends PrunedBatch {
  readonly customerKey: string | null;
  readonly key: string | null;
}

const FIRST_CUSTOMER = '00000000-0000-0000-0000-000000000000';

/** Of all places, one after the other. */
export function pruneOf(places: readonly InPlace[]): Prune {
  return {
    async *properties(options) {
      for (const place of places) yield* eraseProperties(place, options);
    },
    async *reservationProperties(options) {
      for (const place of places) yield* eraseReservations(place, options);
    },
    async *keys(options) {
      for (const place of places) yield* deleteKeys(place, options);
    },
  };
}

async function* deleteKeys(
  inPlace: InPlace,
  { olderThanDays, projectId, dryRun }: PruneOptions,
): AsyncGenerator<PrunedBatch> {
  const before = await instantBefore(inPlace, olderThanDays);
  let [customerKey, key] = [FIRST_CUSTOMER, ''];
  for (;;) {
    const parameters = [customerKey, key, before, projectId];
    const [batch] = await inPlace(({ client, write }) =>
      write(() => client.rows<BatchRow>(dryRun ? COUNT : DELETE, ...parameters)),
    );
    if (!batch || batch.customerKey === null || batch.key === null) return;
    yield { keysSeen: batch.keysSeen, keysPruned: batch.keysPruned };
    [customerKey, key] = [batch.customerKey, batch.key];
  }
}
