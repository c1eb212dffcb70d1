import { present } from '../domain/assert.js';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type {
  ApiKey,
  ApiKeys,
  ListedKey,
  Rotated,
  RotationLimits,
  StoredSecret,
  ValidKey,
} from '../meter/access/keys.js';
import { isUuid, uuidV7 } from '../platform/id.js';
import type { StoreContext } from './context.js';

const WITH_PROJECT = {
  project: { select: { name: true } },
} as const satisfies Prisma.ApiKeyInclude;

/** A row without its hash. */
export type ApiKeyRow = Omit<Prisma.ApiKeyGetPayload<object>, 'hash'>;

interface ListedRow extends ApiKeyRow {
  readonly project: { readonly name: string } | null;
}

const FOUND_MAX = 10;

/** Of a table or a row `k`, with the names that Prisma gives them. */
export const KEY_COLUMNS =
  Prisma.raw(`k.id, k.project_id AS "projectId", k.name, k.prefix, k.scopes,
  k.created_at AS "createdAt", k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt",
  k.last_used_at AS "lastUsedAt", k.rotated_to_id AS "rotatedToId"`);

/** Which keys `k` are valid now. */
export const IS_VALID = Prisma.raw(
  'k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())',
);

export function apiKeys({ prisma, read, write }: StoreContext): ApiKeys {
  return {
    insert: ({ projectId, name, prefix, hash, scopes, lifetimeMs }) =>
      write(async () => {
        // One statement, so that none can fail after the key has been stored.
        const [row] = await prisma.$queryRaw<ListedRow[]>`
          INSERT INTO api_keys AS k (id, project_id, name, prefix, hash, scopes, expires_at)
          VALUES (${uuidV7()}::uuid, ${projectId}::uuid, ${name}, ${prefix}, ${hash},
            ${scopes}::text[],
            clock_timestamp() + ${lifetimeMs}::float8 * interval '1 millisecond')
          RETURNING ${KEY_COLUMNS},
            (SELECT json_build_object('name', name) FROM projects WHERE id = project_id) AS project`;
        return listedFromRow(present(row ?? null, 'the statement gives one row'));
      }),
    list: (limit, before) =>
      read(async () => {
        const rows = await prisma.apiKey.findMany({
          ...(before !== undefined && { where: { id: { lt: before } } }),
          include: WITH_PROJECT,
          orderBy: { id: 'desc' },
          take: limit,
        });
        return rows.map(listedFromRow);
      }),
    find: (given) =>
      read(async () => {
        const rows = await prisma.apiKey.findMany({
          where: whereOf(given),
          include: WITH_PROJECT,
          orderBy: { id: 'desc' },
          take: FOUND_MAX,
        });
        return rows.map(listedFromRow);
      }),
    revoke: (id) =>
      write(async () => {
        await prisma.$executeRaw`UPDATE api_keys SET revoked_at = clock_timestamp()
          WHERE id = ${id}::uuid AND revoked_at IS NULL`;
      }),
    rotate: (id, secret, limits) => write(() => rotate(prisma, id, secret, limits)),
    valid: (hashes) =>
      read(async () => {
        const digits = hashes.map((hash) => Buffer.from(hash).toString('hex'));
        return prisma.$queryRaw<ValidKey[]>`
          SELECT k.id, k.project_id AS "projectId", k.hash, k.scopes,
            (extract(epoch FROM k.expires_at) * 1000)::float8 AS "expiresAt"
          FROM api_keys AS k
          WHERE k.hash IN (SELECT decode(digits, 'hex') FROM unnest(${digits}::text[]) AS digits)
            AND ${IS_VALID}`;
      }),
    any: () =>
      read(async () => {
        const [row] = await prisma.$queryRaw<{ any: boolean }[]>`
          SELECT EXISTS (SELECT FROM api_keys AS k WHERE ${IS_VALID}) AS any`;
        return row?.any === true;
      }),
  };
}

/** One statement: of two that rotate the same key, the second waits for its lock, and then finds it rotated. */
export async function rotate(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  id: string,
  { prefix, hash }: StoredSecret,
  { overlapMs, endMax }: RotationLimits,
): Promise<Rotated | null> {
  const rows = await prisma.$queryRaw<ApiKeyRow[]>`
    WITH old AS (
      SELECT * FROM api_keys AS k
      WHERE k.id = ${id}::uuid AND k.rotated_to_id IS NULL AND ${IS_VALID}
      FOR NO KEY UPDATE
    ), new AS (
      INSERT INTO api_keys (id, project_id, name, prefix, hash, scopes, expires_at)
      SELECT ${uuidV7()}::uuid, project_id, name, ${prefix}, ${hash}, scopes,
        least(clock_timestamp() + (expires_at - created_at), to_timestamp(${endMax}::float8 / 1000))
      FROM old
      RETURNING *
    ), ended AS (
      UPDATE api_keys AS k SET rotated_to_id = new.id,
        expires_at = least(k.expires_at, clock_timestamp() + ${overlapMs}::float8 * interval '1 millisecond')
      FROM new WHERE k.id = ${id}::uuid
      RETURNING ${KEY_COLUMNS}
    )
    SELECT ${KEY_COLUMNS} FROM new AS k UNION ALL SELECT * FROM ended`;
  const key = rows.find((row) => row.id !== id);
  const replaced = rows.find((row) => row.id === id);
  if (key === undefined || replaced === undefined) return null;
  return { key: keyFromRow(key), replaced: keyFromRow(replaced) };
}

function whereOf(given: string | readonly Uint8Array[]): Prisma.ApiKeyWhereInput {
  if (typeof given !== 'string')
    return { hash: { in: given.map((hash) => Uint8Array.from(hash)) } };
  return isUuid(given) ? { id: given } : { prefix: given };
}

function listedFromRow(row: ListedRow): ListedKey {
  return { ...keyFromRow(row), projectName: row.project?.name ?? null };
}

export function keyFromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime() ?? null,
    revokedAt: row.revokedAt?.getTime() ?? null,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
    rotatedToId: row.rotatedToId,
  };
}
