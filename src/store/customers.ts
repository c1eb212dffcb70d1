import { present } from '../domain/assert.js';
import { type Customer as CustomerRow, Prisma } from '../generated/prisma/client.js';
import type { Customer, CustomerScope, JsonObject, Nouns } from '../meter/store.js';
import { ms } from './account-rows.js';
import { nowPlus, objectFromJson } from './codec.js';
import type { StoreContext } from './context.js';
import { gather } from './gather.js';
import { ascending } from './page.js';
import { rawClient } from './raw.js';
import { WANTED, wanted } from './wanted.js';

type Customers = Pick<Nouns, 'createCustomer' | 'updateCustomer' | 'customers' | 'listCustomers'>;

const FIND = `WITH wanted AS MATERIALIZED (${WANTED})
SELECT (SELECT json_agg(json_build_array(c.project_id, c.customer_key, c.id, c.name, c.email, c.metadata,
    ${ms('c.created_at')}, ${ms('c.updated_at')}))
  FROM wanted JOIN customers c
    ON c.customer_key = wanted.customer_key AND c.project_id = wanted.project_id)::text AS customers`;

interface Found {
  readonly customers: string | null;
}

export function customers({ prisma, clockOffsetMs, read, write }: StoreContext): Customers {
  const client = rawClient(prisma);
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
    customers: gather((scopes) =>
      read(async () => {
        const { customers } = await client.row<Found>(FIND, ...wanted(scopes));
        return new Map(listed(customers).map((json) => [json[1], customerFromJson(json)]));
      }),
    ),
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

type CustomerJson = readonly [
  projectId: string,
  customerKey: string,
  id: string,
  name: string | null,
  email: string | null,
  metadata: JsonObject,
  createdAt: number,
  updatedAt: number,
];

/** What `FIND` builds; null where there is no row. */
function listed(json: string | null): readonly CustomerJson[] {
  return json === null ? [] : JSON.parse(json);
}

function customerFromJson(json: CustomerJson): Customer {
  const [projectId, customerKey, id, name, email, metadata, createdAt, updatedAt] = json;
  return { projectId, customerKey, id, name, email, metadata, createdAt, updatedAt };
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
