import { NO_PROJECT } from '../domain/no-project.js';
import type { Project } from '../meter/access/keys.js';
import type { ReadPath } from '../meter/read/read-path.js';
import { ms } from './account-rows.js';
import { numberOf, textOf, UUID_BOUNDS } from './codec.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { BY_ID, rowsByPage } from './read-page.js';

const COLUMNS = `r.id, r.name, ${ms('r.created_at')}`;

/** The caller's own, or any for an admin key. */
const OPEN = `$1::uuid IN (r.id, '${NO_PROJECT}')`;

export function projectReads(client: ReadClient): Pick<ReadPath, 'projects' | 'projectPages'> {
  const sql = { table: 'public.projects', columns: COLUMNS, from: projectFromCells };
  return {
    projects: rowsByKey(client, {
      ...sql,
      key: { id: 'uuid' },
      keyOf: (id) => [id],
      where: 'true',
      ofProject: OPEN,
    }),
    projectPages: rowsByPage(client, {
      ...sql,
      ...BY_ID,
      keyType: 'uuid',
      bounds: UUID_BOUNDS,
      lists: {},
      listOf: () => [],
      where: OPEN,
    }),
  };
}

function projectFromCells([id, name, createdAt]: Row): Project {
  return { id: textOf(id), name: textOf(name), createdAt: numberOf(createdAt) };
}
