/** JSON of the maximum size in the rows of a page. */
import { METADATA_BYTES_MAX, PROPERTIES_BYTES_MAX } from '../../../src/schema/input/limits.js';
import { connect } from '../../support/database/connections.js';
import type { BenchData } from './small.js';

/** `"member 1001": "b8c37e33defde51cf91e1e03e51657da", ` as written by PostgreSQL. */
const MEMBER_BYTES = 52;

/** A page of the oldest events, and one of the last customers. */
const ROWS = 100;

export async function createLargeJson({ url, projectId }: BenchData): Promise<void> {
  const client = await connect(url);
  const members = (bytes: number) => `(SELECT jsonb_object_agg('member ' || m, md5(m::text))
    FROM generate_series(1001, 1000 + ${Math.floor(bytes / MEMBER_BYTES)}) AS m)`;
  try {
    // Events are append-only; this database belongs to the benchmark.
    await client.query('SET session_replication_role = replica');
    await client.query(
      `UPDATE events SET properties = ${members(PROPERTIES_BYTES_MAX)} WHERE project_id = $1
        AND id IN (SELECT id FROM events WHERE project_id = $1 ORDER BY id LIMIT $2)`,
      [projectId, ROWS],
    );
    await client.query(
      `UPDATE customers SET metadata = ${members(METADATA_BYTES_MAX)} WHERE project_id = $1
        AND id IN (SELECT id FROM customers WHERE project_id = $1 ORDER BY id DESC LIMIT $2)`,
      [projectId, ROWS],
    );
  } finally {
    await client.end();
  }
}
