import type { Entity as EntityRow } from '../generated/prisma/client.js';
import type { Entity, Nouns } from '../meter/store.js';
import { objectFromJson } from './codec.js';
import type { StoreContext } from './context.js';
import { ascending } from './page.js';

export function entities({ prisma, read }: StoreContext): Pick<Nouns, 'entity' | 'listEntities'> {
  return {
    entity: ({ customerKey, projectId }, id) =>
      read(async () => {
        const row = await prisma.entity.findUnique({
          where: { customerKey_id: { customerKey, id }, projectId, deletedAt: null },
        });
        return row === null ? null : entityFromRow(row);
      }),
    listEntities: ({ customerKey, projectId }, page) =>
      read(async () => {
        const { range, order } = ascending(page, String);
        const rows = await prisma.entity.findMany({
          where: { customerKey, projectId, deletedAt: null, id: range },
          orderBy: { id: order },
          take: page.limit,
        });
        return rows.map(entityFromRow);
      }),
  };
}

function entityFromRow(row: EntityRow): Entity {
  return {
    projectId: row.projectId,
    customerKey: row.customerKey,
    id: row.id,
    name: row.name,
    metadata: objectFromJson(row.metadata),
    createdAt: row.createdAt.getTime(),
  };
}
