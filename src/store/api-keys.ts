import { present } from '../domain/assert.js';
import type { Prisma, Project } from '../generated/prisma/client.js';
import type { ApiKey, ApiKeys, ValidKey } from '../meter/access/keys.js';
import { uuidV7 } from '../platform/id.js';
import { isUuid } from './codec.js';
import type { StoreContext } from './context.js';

const WITH_PROJECT = { project: true } as const satisfies Prisma.ApiKeyInclude;

type Columns =
  | 'id'
  | 'name'
  | 'prefix'
  | 'scopes'
  | 'createdAt'
  | 'expiresAt'
  | 'revokedAt'
  | 'lastUsedAt';

interface ApiKeyRow extends Pick<Prisma.ApiKeyGetPayload<object>, Columns> {
  readonly project: Pick<Project, 'name'>;
}

const FOUND_MAX = 10;

export function apiKeys({ prisma, read, write }: StoreContext): ApiKeys {
  return {
    insert: ({ projectId, name, prefix, hash, scopes, lifetimeMs }) =>
      write(async () => {
        // One statement, so that none can fail after the key has been stored.
        const [row] = await prisma.$queryRaw<ApiKeyRow[]>`
          INSERT INTO api_keys (id, project_id, name, prefix, hash, scopes, expires_at)
          VALUES (${uuidV7()}::uuid, ${projectId}::uuid, ${name}, ${prefix}, ${hash},
            ${scopes}::text[],
            clock_timestamp() + ${lifetimeMs}::float8 * interval '1 millisecond')
          RETURNING id, name, prefix, scopes, created_at AS "createdAt", expires_at AS "expiresAt",
            revoked_at AS "revokedAt", last_used_at AS "lastUsedAt",
            (SELECT json_build_object('name', name) FROM projects WHERE id = project_id) AS project`;
        return keyFromRow(present(row ?? null, 'the statement gives one row'));
      }),
    list: (limit, before) =>
      read(async () => {
        const rows = await prisma.apiKey.findMany({
          ...(before !== undefined && { where: { id: { lt: before } } }),
          include: WITH_PROJECT,
          orderBy: { id: 'desc' },
          take: limit,
        });
        return rows.map(keyFromRow);
      }),
    find: (given) =>
      read(async () => {
        const rows = await prisma.apiKey.findMany({
          where: whereOf(given),
          include: WITH_PROJECT,
          orderBy: { id: 'desc' },
          take: FOUND_MAX,
        });
        return rows.map(keyFromRow);
      }),
    revoke: (id) =>
      write(async () => {
        await prisma.$executeRaw`UPDATE api_keys SET revoked_at = clock_timestamp()
          WHERE id = ${id}::uuid AND revoked_at IS NULL`;
      }),
    valid: (hashes) =>
      read(async () => {
        const digits = hashes.map((hash) => Buffer.from(hash).toString('hex'));
        return prisma.$queryRaw<ValidKey[]>`
          SELECT id, project_id AS "projectId", hash, scopes FROM api_keys
          WHERE hash IN (SELECT decode(digits, 'hex') FROM unnest(${digits}::text[]) AS digits)
            AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > clock_timestamp())`;
      }),
    any: () =>
      read(async () => {
        const [row] = await prisma.$queryRaw<{ any: boolean }[]>`SELECT EXISTS (
          SELECT FROM api_keys WHERE revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > clock_timestamp())) AS any`;
        return row?.any === true;
      }),
  };
}

function whereOf(given: string | Uint8Array): Prisma.ApiKeyWhereInput {
  if (typeof given !== 'string') return { hash: Uint8Array.from(given) };
  return isUuid(given) ? { id: given } : { prefix: given };
}

function keyFromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    projectName: row.project.name,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime() ?? null,
    revokedAt: row.revokedAt?.getTime() ?? null,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
  };
}
