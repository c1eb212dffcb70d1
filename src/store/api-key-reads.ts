import { NO_PROJECT } from '../domain/no-project.js';
import type { ProjectKey } from '../meter/access/keys.js';
import type { ReadPath } from '../meter/read/read-path.js';
import { ms } from './account-rows.js';
import { numberOf, textOf, UUID_BOUNDS } from './codec.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { BY_ID, rowsByPage } from './read-page.js';

/** The hash of a secret is read for authentication only. */
const COLUMNS = `r.id, r.project_id, r.name, r.prefix, to_json(r.scopes), ${ms('r.created_at')},
  ${ms('r.expires_at')}, ${ms('r.revoked_at')}, ${ms('r.last_used_at')}, r.rotated_to_id`;

/** Of the caller's project, or of any for an admin key; admin keys are in none. */
const OPEN = `r.project_id IS NOT NULL AND $1::uuid IN (r.project_id, '${NO_PROJECT}')`;

export function apiKeyReads(client: ReadClient): Pick<ReadPath, 'apiKeys' | 'apiKeyPages'> {
  const sql = { table: 'public.api_keys', columns: COLUMNS, from: keyFromCells };
  return {
    apiKeys: rowsByKey(client, {
      ...sql,
      key: { id: 'uuid' },
      keyOf: (id) => [id],
      where: 'true',
      ofProject: OPEN,
    }),
    apiKeyPages: rowsByPage(client, {
      ...sql,
      ...BY_ID,
      keyType: 'uuid',
      bounds: UUID_BOUNDS,
      descending: true,
      lists: { project_id: 'uuid' },
      listOf: ({ ofProjectId }) => [ofProjectId],
      where: `r.project_id = w.project_id AND ${OPEN}`,
    }),
  };
}

function keyFromCells(row: Row): ProjectKey {
  const [id, projectId, name, prefix, scopes, createdAt, expiresAt, revokedAt, lastUsedAt] = row;
  return {
    id: textOf(id),
    projectId: textOf(projectId),
    name: textOf(name),
    prefix: textOf(prefix),
    scopes: JSON.parse(textOf(scopes)),
    createdAt: numberOf(createdAt),
    expiresAt: instantOf(expiresAt),
    revokedAt: instantOf(revokedAt),
    lastUsedAt: instantOf(lastUsedAt),
    rotatedToId: row[9] ?? null,
  };
}

function instantOf(cell: string | null | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
