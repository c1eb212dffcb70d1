import { present } from '../domain/assert.js';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { ProjectKey } from '../meter/access/keys.js';
import type { KeyAddress, ManagedKeys } from '../meter/access/manage-keys.js';
import { uuidV7 } from '../platform/id.js';
import { type ApiKeyRow, IS_VALID, KEY_COLUMNS, keyFromRow, rotate } from './api-keys.js';
import type { StoreContext } from './context.js';

export function managedKeys({ prisma, read, write, transaction }: StoreContext): ManagedKeys {
  return {
    create: async ({ projectId, name, prefix, hash, scopes, expiresAt }, validMax) => {
      // First without a lock, so that a project that is full waits for none.
      const isFull = await read(() => hasValid(prisma, projectId, validMax));
      if (isFull) return 'TOO_MANY';
      return transaction(async (tx) => {
        // Locked, so that two calls at once cannot both create the last key that fits; new customers do not wait.
        const projects = await tx.$executeRaw`SELECT FROM projects WHERE id = ${projectId}::uuid
          FOR NO KEY UPDATE`;
        if (projects === 0) return 'NO_PROJECT';
        const [row] = await tx.$queryRaw<ApiKeyRow[]>`
          INSERT INTO api_keys AS k (id, project_id, name, prefix, hash, scopes, expires_at)
          SELECT ${uuidV7()}::uuid, ${projectId}::uuid, ${name}, ${prefix}, ${hash},
            ${scopes}::text[], to_timestamp(${expiresAt}::float8 / 1000)
          WHERE (SELECT count(*) FROM api_keys AS k
            WHERE k.project_id = ${projectId}::uuid AND ${IS_VALID}) < ${validMax}
          RETURNING ${KEY_COLUMNS}`;
        return row === undefined ? 'TOO_MANY' : projectKeyFromRow(row);
      });
    },
    rotate: ({ id, projectId }, secret, limits, validMax) =>
      transaction(async (tx) => {
        await tx.$executeRaw`SELECT FROM projects WHERE id = ${projectId}::uuid FOR NO KEY UPDATE`;
        // Without an overlap, one comes and one goes.
        const isFull = limits.overlapMs > 0 && (await hasValid(tx, projectId, validMax));
        if (!isFull) return rotate(tx, id, secret, limits);
        const [key] = await tx.$queryRaw<object[]>`SELECT FROM api_keys AS k
          WHERE k.id = ${id}::uuid AND k.rotated_to_id IS NULL AND ${IS_VALID}`;
        return key === undefined ? null : 'TOO_MANY';
      }),
    find: (address) =>
      read(async () => {
        const [row] = await prisma.$queryRaw<ApiKeyRow[]>`
          SELECT ${KEY_COLUMNS} FROM api_keys AS k WHERE ${isAt(address)}`;
        return row === undefined ? null : projectKeyFromRow(row);
      }),
    revoke: (address) =>
      write(async () => {
        const [row] = await prisma.$queryRaw<ApiKeyRow[]>`
          UPDATE api_keys AS k SET revoked_at = coalesce(k.revoked_at, clock_timestamp())
          WHERE ${isAt(address)} RETURNING ${KEY_COLUMNS}`;
        return row === undefined ? null : projectKeyFromRow(row);
      }),
  };
}

async function hasValid(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  projectId: string,
  count: number,
): Promise<boolean> {
  const [row] = await prisma.$queryRaw<{ has: boolean }[]>`
    SELECT count(*) >= ${count} AS has FROM api_keys AS k
    WHERE k.project_id = ${projectId}::uuid AND ${IS_VALID}`;
  return row?.has === true;
}

/** Admin keys belong to no project, so they are in none. */
function isAt({ id, projectId }: KeyAddress): Prisma.Sql {
  return projectId === null
    ? Prisma.sql`k.id = ${id}::uuid AND k.project_id IS NOT NULL`
    : Prisma.sql`k.id = ${id}::uuid AND k.project_id = ${projectId}::uuid`;
}

function projectKeyFromRow(row: ApiKeyRow): ProjectKey {
  const projectId = present(row.projectId, 'it was found as the key of a project');
  return { ...keyFromRow(row), projectId };
}
