import { present } from '../domain/assert.js';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { ProjectKey } from '../meter/access/keys.js';
import type { KeyAddress, KeysKept, ManagedKeys } from '../meter/access/manage-keys.js';
import { uuidV7 } from '../platform/id.js';
import { type ApiKeyRow, IS_VALID, KEY_COLUMNS, keyFromRow, rotate } from './api-keys.js';
import type { StoreContext } from './context.js';

export function managedKeys({ prisma, read, write, transaction }: StoreContext): ManagedKeys {
  return {
    create: async ({ projectId, name, prefix, hash, scopes, expiresAt }, kept) => {
      // First without a lock, so that a project that is full waits for none.
      const isFull = await read(() => hasValid(prisma, projectId, kept.validMax));
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
            WHERE k.project_id = ${projectId}::uuid AND ${IS_VALID}) < ${kept.validMax}
          RETURNING ${KEY_COLUMNS}`;
        if (row === undefined) return 'TOO_MANY';
        await deleteEnded(tx, projectId, kept);
        return projectKeyFromRow(row);
      });
    },
    rotate: ({ id, projectId }, secret, limits, kept) =>
      transaction(async (tx) => {
        await tx.$executeRaw`SELECT FROM projects WHERE id = ${projectId}::uuid FOR NO KEY UPDATE`;
        // Without an overlap, one comes and one goes.
        const isFull = limits.overlapMs > 0 && (await hasValid(tx, projectId, kept.validMax));
        if (!isFull) {
          const rotated = await rotate(tx, id, secret, limits);
          if (rotated !== null) await deleteEnded(tx, projectId, kept);
          return rotated;
        }
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

/** More than are created at once, so that what an earlier release has left becomes less with each change. */
const ENDED_DELETED_MAX = 100;

/** Under the lock of the project. Those that ended last stay. */
async function deleteEnded(
  tx: Pick<PrismaClient, '$executeRaw'>,
  projectId: string,
  { endedMax }: KeysKept,
): Promise<void> {
  await tx.$executeRaw`DELETE FROM api_keys WHERE id IN (
    SELECT k.id FROM api_keys AS k WHERE k.project_id = ${projectId}::uuid AND NOT (${IS_VALID})
    ORDER BY least(k.revoked_at, k.expires_at) DESC, k.id DESC
    OFFSET ${endedMax} LIMIT ${ENDED_DELETED_MAX})`;
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
