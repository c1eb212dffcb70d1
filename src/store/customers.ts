import { present } from '../domain/assert.js';
import { type Customer as CustomerRow, Prisma } from '../generated/prisma/client.js';
import type { Customer, CustomerScope, Nouns } from '../meter/store.js';
import { nowPlus, objectFromJson } from './codec.js';
import type { StoreContext } from './context.js';
import { ascending } from './page.js';

type Customers = Pick<Nouns, 'createCustomer' | 'updateCustomer' | 'customers' | 'listCustomers'>;

export function customers({ prisma, clockOffsetMs, read, write }: StoreContext): Customers {
  const find = async ({ customerKey, projectId }: CustomerScope): Promise<Customer | null> => {
    const row = await prisma.customer.findUnique({ where: { customerKey, projectId } });
    return row === null ? null : customerFromRow(row);
  };
  return {
    createCustomer: (scope, { id, name, email, metadata }) =>
      write(async () => {
        const now = nowPlus(clockOffsetMs());
        const count = await prisma.$executeRaw`INSERT INTO customers
            (customer_key, project_id, id, name, email, metadata, created_at, updated_at)
          SELECT ${scope.customerKey}::uuid, ${scope.projectId}::uuid, ${id}, ${name}, ${email},
            ${JSON.stringify(metadata)}::jsonb, clock.now, clock.now
          FROM (SELECT ${now} AS now) AS clock
          ON CONFLICT DO NOTHING`;
        const customer = present(await find(scope), 'a customer is never deleted');
        return { customer, created: count === 1 };
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
        if (changes.length > 1) {
          await prisma.$executeRaw`UPDATE customers SET ${Prisma.join(changes)}
            WHERE customer_key = ${scope.customerKey}::uuid
              AND project_id = ${scope.projectId}::uuid`;
        }
        return find(scope);
      }),
    customers: (scopes) =>
      read(async () => {
        const OR = scopes.map(({ customerKey, projectId }) => ({ customerKey, projectId }));
        const rows = await prisma.customer.findMany({ where: { OR } });
        return new Map(rows.map((row) => [row.customerKey, customerFromRow(row)]));
      }),
    listCustomers: (projectId, page) =>
      read(async () => {
        const { range, order } = ascending(page, String);
        const rows = await prisma.customer.findMany({
          where: { projectId, id: range },
          orderBy: { id: order },
          take: page.limit,
        });
        return rows.map(customerFromRow);
      }),
  };
}

function customerFromRow(row: CustomerRow): Customer {
  return {
    projectId: row.projectId,
    customerKey: row.customerKey,
    id: row.id,
    name: row.name,
    email: row.email,
    metadata: objectFromJson(row.metadata),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}
