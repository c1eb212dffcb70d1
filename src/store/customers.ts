import { present } from '../domain/assert.js';
import {
  type Customer as CustomerRow,
  Prisma,
  type PrismaClient,
} from '../generated/prisma/client.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { Customer, CustomerScope, Nouns } from '../meter/store.js';
import { JsonText } from '../platform/json-text.js';
import { ms } from './account-rows.js';
import { nowPlus, numberOf, textOf } from './codec.js';
import type { StoreContext } from './context.js';
import { CUSTOMERS, IS_LIVING, isCustomer } from './customer-row.js';
import { type Place, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { OF_PROJECT, rowsByPage } from './read-page.js';

type Customers = Pick<Nouns, 'createCustomer' | 'updateCustomer'>;

/** The columns of a row in Prisma's own types, except that the metadata is text, so that its numbers keep all their digits. */
const RETURNED = Prisma.sql`project_id AS "projectId", customer_key AS "customerKey", id, name, email,
  metadata::text AS metadata, created_at AS "createdAt", updated_at AS "updatedAt", deleted_at AS "deletedAt"`;

type Returned = Omit<CustomerRow, 'metadata' | 'version' | 'erasure'> & {
  readonly metadata: string;
};

/** Deleted ones, too. */
export async function findCustomer(
  client: Pick<PrismaClient, '$queryRaw'>,
  scope: CustomerScope,
  place: Place,
): Promise<Customer | null> {
  const [row] = await client.$queryRaw<Returned[]>`SELECT ${RETURNED} FROM ${CUSTOMERS.raw(place)}
    WHERE ${isCustomer(scope)}`;
  return row === undefined ? null : customerFromReturned(row);
}

/**
 * Each statement that writes returns what it has written. If a second one read it back and failed, the error would deny
 * that anything was written.
 */
export function customers({ prisma, place, clockOffsetMs, write }: StoreContext): Customers {
  return {
    createCustomer: (scope, { id, name, email, metadata }) =>
      write(async () => {
        const now = nowPlus(clockOffsetMs());
        const [row] = await prisma.$queryRaw<Returned[]>`INSERT INTO ${CUSTOMERS.raw(place)}
            (customer_key, project_id, id, name, email, metadata, created_at, updated_at)
          SELECT ${scope.customerKey}::uuid, ${scope.projectId}::uuid, ${id}, ${name}, ${email},
            ${JSON.stringify(metadata)}::jsonb, clock.now, clock.now
          FROM (SELECT ${now} AS now) AS clock
          ON CONFLICT DO NOTHING
          RETURNING ${RETURNED}`;
        if (row !== undefined) return { customer: customerFromReturned(row), created: true };
        const customer = present(
          await findCustomer(prisma, scope, place),
          'a row is never removed',
        );
        return { customer, created: false };
      }),
    updateCustomer: (scope, { name, email, metadata }) =>
      write(async () => {
        const changes = [
          ...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),
          ...(email === undefined ? [] : [Prisma.sql`email = ${email}`]),
          ...(metadata === undefined
            ? []
            : [Prisma.sql`metadata = ${JSON.stringify(metadata)}::jsonb`]),
          Prisma.sql`updated_at = ${nowPlus(clockOffsetMs())}`,
        ];
        if (changes.length === 1) {
          const found = await findCustomer(prisma, scope, place);
          return found?.deletedAt === null ? found : null;
        }
        const [row] = await prisma.$queryRaw<Returned[]>`UPDATE ${CUSTOMERS.raw(place)}
          SET ${Prisma.join(changes)}
          WHERE ${isCustomer(scope)} AND ${IS_LIVING}
          RETURNING ${RETURNED}`;
        return row === undefined ? null : customerFromReturned(row);
      }),
  };
}

export const CUSTOMER_COLUMNS = `r.project_id, r.customer_key, r.id, r.name, r.email, r.metadata,
  ${ms('r.created_at')}, ${ms('r.updated_at')}, ${ms('r.deleted_at')}`;

type CustomerReads = Pick<ReadPath, 'customers' | 'customerPages'>;

export function customerReads(client: ReadClient): CustomerReads {
  const sql = { table: table('customers'), columns: CUSTOMER_COLUMNS, from: customerFromCells };
  return {
    customers: rowsByKey(client, {
      ...sql,
      key: { customer_key: 'uuid' },
      keyOf: (customerKey) => [customerKey],
      where: 'true',
    }),
    customerPages: rowsByPage(client, {
      ...sql,
      ...OF_PROJECT,
      where: `${OF_PROJECT.where} AND r.deleted_at IS NULL`,
    }),
  };
}

export function customerFromCells(row: Row): Customer {
  const [projectId, customerKey, id, name = null, email = null, metadata, ...times] = row;
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    id: textOf(id),
    name,
    email,
    metadata: new JsonText(textOf(metadata)),
    createdAt: numberOf(times[0]),
    updatedAt: numberOf(times[1]),
    deletedAt: times[2] ? numberOf(times[2]) : null,
  };
}

function customerFromReturned(row: Returned): Customer {
  return {
    ...row,
    metadata: new JsonText(row.metadata),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    deletedAt: row.deletedAt?.getTime() ?? null,
  };
}
