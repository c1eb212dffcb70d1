import type { InPlace } from './context.js';
import { placed, table } from './placed.js';
import type { PruneOptions } from './prune-before.js';

/** A batch of bounded size. */
export interface ErasedBatch {
  readonly eventsSeen: number;
  readonly eventsPruned: number;
}

const BATCH_EVENTS_MAX = 2_000;

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * An event's id begins with the time at which it occurred, so the old ones of a project are a range of an index. $3 is the id before
 * which they are.
 */
const PAGE = placed`page AS MATERIALIZED (
  SELECT customer_key, id FROM ${table('events')}
  WHERE project_id = $1::uuid AND id > $2::uuid AND id < $3::uuid ORDER BY id LIMIT ${BATCH_EVENTS_MAX}
)`;

const FOUND = `(SELECT count(*)::int FROM page) AS "eventsSeen", (SELECT id::text FROM page ORDER BY id DESC LIMIT 1) AS last`;

const ERASE = placed`WITH ${PAGE}, erased AS (
  UPDATE ${table('events')} AS e SET properties = NULL FROM page
  WHERE e.customer_key = page.customer_key AND e.id = page.id AND e.properties IS NOT NULL
  RETURNING 1
) SELECT ${FOUND}, (SELECT count(*)::int FROM erased) AS "eventsPruned"`;

const COUNT = placed`WITH ${PAGE} SELECT ${FOUND}, (SELECT count(*)::int FROM page
  JOIN ${table('events')} AS e USING (customer_key, id) WHERE e.properties IS NOT NULL) AS "eventsPruned"`;

interface BatchRow extends ErasedBatch {
  readonly last: string | null;
}

/** Erases the properties of events that occurred long ago; the events stay. If interrupted, it has erased what it has yielded. */
export async function* eraseProperties(
  inPlace: InPlace,
  { olderThanDays, projectId, dryRun }: PruneOptions,
): AsyncGenerator<ErasedBatch> {
  const [clock] = await inPlace(({ prisma, read, clockOffsetMs }) =>
    read(
      () => prisma.$queryRaw<{ before: string }[]>`SELECT tollgate_event_id(clock_timestamp()
        + ${clockOffsetMs()}::float8 * interval '1 millisecond'
        - ${olderThanDays}::float8 * interval '24 hours', ${'0'.repeat(20)})::text AS before`,
    ),
  );
  const projects =
    projectId === null
      ? await inPlace(({ prisma, read }) =>
          read(() => prisma.project.findMany({ select: { id: true }, orderBy: { id: 'asc' } })),
        )
      : [{ id: projectId }];
  for (const { id } of projects) {
    let after: string | null = FIRST_ID;
    while (after !== null) {
      const parameters: readonly (string | null)[] = [id, after, clock?.before ?? null];
      const [batch]: readonly BatchRow[] = await inPlace(({ client, write }) =>
        write(() => client.rows<BatchRow>(dryRun ? COUNT : ERASE, ...parameters)),
      );
      after = batch?.last ?? null;
      if (batch && after !== null) {
        yield { eventsSeen: batch.eventsSeen, eventsPruned: batch.eventsPruned };
      }
    }
  }
}
