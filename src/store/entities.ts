import { Prisma } from '../generated/prisma/client.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { Entity, Nouns } from '../meter/store.js';
import { JsonText } from '../platform/json-text.js';
import { ms } from './account-rows.js';
import { numberOf, textOf } from './codec.js';
import type { StoreContext } from './context.js';
import { livingCustomer } from './customer-row.js';
import { table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { BY_ID, rowsByPage } from './read-page.js';

const ENTITIES = table('entities');

/** As in customers.ts: the metadata is text, so that its numbers keep all their digits. */
const RETURNED = Prisma.sql`project_id AS "projectId", customer_key AS "customerKey", id, name,
  metadata::text AS metadata, created_at AS "createdAt"`;

interface Returned extends Omit<Entity, 'metadata' | 'createdAt'> {
  readonly metadata: string;
  readonly createdAt: Date;
}

export function entities({
  prisma,
  place,
  read,
  write,
}: StoreContext): Pick<Nouns, 'entity' | 'updateEntity'> {
  return {
    entity: ({ customerKey, projectId }, id) =>
      read(async () => {
        const [row] = await prisma.$queryRaw<
          Returned[]
        >`SELECT ${RETURNED} FROM ${ENTITIES.raw(place)}
          WHERE customer_key = ${customerKey}::uuid AND id = ${id} AND project_id = ${projectId}::uuid
            AND deleted_at IS NULL`;
        return row === undefined ? null : entityFromReturned(row);
      }),
    updateEntity: (scope, id, { name, metadata }) =>
      write(async () => {
        const changes = [
          // What is not given stays: a statement needs something to set.
          Prisma.sql`id = id`,
          ...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),
          ...(metadata === undefined
            ? []
            : [Prisma.sql`metadata = ${JSON.stringify(metadata)}::jsonb`]),
        ];
        const [row] = await prisma.$queryRaw<Returned[]>`UPDATE ${ENTITIES.raw(place)}
          SET ${Prisma.join(changes)}
          WHERE customer_key = ${scope.customerKey}::uuid AND project_id = ${scope.projectId}::uuid AND id = ${id}
            AND deleted_at IS NULL AND EXISTS (${livingCustomer(scope, place)})
          RETURNING ${RETURNED}`;
        if (row !== undefined) return entityFromReturned(row);
        const customers = await prisma.$queryRaw<unknown[]>(livingCustomer(scope, place));
        return customers.length === 0 ? 'NO_CUSTOMER' : null;
      }),
  };
}

const COLUMNS = `r.project_id, r.customer_key, r.id, r.name, r.metadata, ${ms('r.created_at')}`;

export function entityReads(client: ReadClient): Pick<ReadPath, 'entities' | 'entityPages'> {
  const sql = { table: ENTITIES, columns: COLUMNS, from: entityFromCells };
  return {
    entities: rowsByKey(client, {
      ...sql,
      key: { customer_key: 'uuid', id: 'text' },
      keyOf: ({ customerKey, id }) => [customerKey, id],
      where: 'r.deleted_at IS NULL',
    }),
    entityPages: rowsByPage(client, {
      ...sql,
      ...BY_ID,
      lists: { customer_key: 'uuid' },
      listOf: ({ customerKey }) => [customerKey],
      where: 'r.customer_key = w.customer_key AND r.project_id = $1 AND r.deleted_at IS NULL',
    }),
  };
}

function entityFromCells(row: Row): Entity {
  const [projectId, customerKey, id, name = null, metadata, createdAt] = row;
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    id: textOf(id),
    name,
    metadata: new JsonText(textOf(metadata)),
    createdAt: numberOf(createdAt),
  };
}

function entityFromReturned(row: Returned): Entity {
  return { ...row, metadata: new JsonText(row.metadata), createdAt: row.createdAt.getTime() };
}
