import type { Instant } from '../domain/interval.js';
import type { Event as EventRow, Prisma } from '../generated/prisma/client.js';
import type { EventFilter, Nouns, UsageEvent } from '../meter/store.js';
import { uuidOf } from '../platform/id.js';
import { isUuid, objectFromJson, outcomeFromColumn, quantityFromDecimal, UUID } from './codec.js';
import type { StoreContext } from './context.js';
import { cursorsMatch, descending } from './page.js';

/** The last millisecond that fits into a UUIDv7. */
const ID_TIME_MAX_MS = 2 ** 48 - 1;

export function events({ prisma, read }: StoreContext): Pick<Nouns, 'event' | 'listEvents'> {
  return {
    event: async ({ customerKey, projectId }, id) => {
      if (!isUuid(id)) return null;
      return read(async () => {
        const row = await prisma.event.findUnique({
          where: { customerKey_id: { customerKey, id }, projectId },
        });
        return row === null ? null : eventFromRow(row);
      });
    },
    listEvents: async (projectId, filter, page) => {
      if (!cursorsMatch(page, UUID)) return [];
      return read(async () => {
        const { range, order } = descending(page, String);
        const rows = await prisma.event.findMany({
          where: { projectId, ...whereOf(filter), AND: [{ id: range }, { id: occurred(filter) }] },
          orderBy: { id: order },
          take: page.limit,
        });
        return rows.map(eventFromRow);
      });
    },
  };
}

function whereOf(filter: EventFilter): Prisma.EventWhereInput {
  const { customerKey, entityId, featureId, eventName } = filter;
  return {
    ...(customerKey === null ? {} : { customerKey }),
    ...(entityId === null ? {} : { entityId }),
    ...(featureId === null ? {} : { featureId }),
    ...(eventName === null ? {} : { eventName }),
  };
}

/** An id begins with the time of its event, so a range of time is a range of ids: one index scan. */
function occurred({ occurredFrom, occurredBefore }: EventFilter): Prisma.UuidFilter {
  return {
    ...(occurredFrom === null ? {} : { gte: firstIdAt(occurredFrom) }),
    ...(occurredBefore === null ? {} : { lt: firstIdAt(occurredBefore) }),
  };
}

function firstIdAt(time: Instant): string {
  return uuidOf(Math.min(Math.max(Math.ceil(time), 0), ID_TIME_MAX_MS), '0'.repeat(20));
}

function eventFromRow(row: EventRow): UsageEvent {
  return {
    projectId: row.projectId,
    customerKey: row.customerKey,
    id: row.id,
    entityId: row.entityId,
    featureId: row.featureId,
    eventName: row.eventName,
    value: quantityFromDecimal(row.value),
    properties: row.properties === null ? null : objectFromJson(row.properties),
    occurredAt: row.occurredAt.getTime(),
    recordedAt: row.recordedAt.getTime(),
    idempotencyKey: row.idempotencyKey,
    outcome: outcomeFromColumn(row.outcome),
  };
}
