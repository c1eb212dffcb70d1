import { FEATURE_USES, type FeatureUse } from '../domain/feature-use.js';
import { type Placed, placed, table } from './placed.js';
import type { RawClient } from './raw.js';

/*
 * The first row of an index that has a key is looked for as a range, in the order of the index, however many rows there are. A key
 * itself could be looked for by any index that has a part of it: if PostgreSQL took the key for frequent, it would hope to come
 * across it there soon. In an EXISTS, it would leave out the order.
 */

/** Of an event: of the project's, by what it names. */
const firstEvent = (column: string, key: string) => placed`SELECT true FROM ${table('events')}
    WHERE project_id = $1::uuid AND ${column} >= ${key} AND ${column} <= ${key} ORDER BY ${column} LIMIT 1`;

/** Of an index that begins with what is named. Rows are compared as the index compares them. */
const firstNaming = (
  table: Placed,
  name: string,
  key: string,
  only: string,
) => placed`SELECT true FROM ${table}
    WHERE (${name}, project_id) >= (${key}, $1::uuid) AND (${name}, project_id) <= (${key}, $1::uuid) ${only}
    ORDER BY ${name}, project_id LIMIT 1`;

/** Of one of several names. */
const firstOf = (names: string, first: Placed) => placed`SELECT true
  FROM (SELECT DISTINCT unnest(${names}) AS name FROM feature) AS n CROSS JOIN LATERAL (${first}) AS found LIMIT 1`;

/** What has ever used a feature of the catalogue. $1 is the project, $2 the feature. */
export const USES = placed`WITH feature AS MATERIALIZED (
  SELECT event_names || coalesce(former_event_names, '{}') AS names, former_event_names IS NOT NULL AS all_known
  FROM public.features WHERE project_id = $1::uuid AND id = $2::text
)
SELECT (${firstNaming(table('balances'), 'feature_id', '$2::text', '')}) AS "BALANCES",
  coalesce((${firstEvent('feature_id', '$2::text')}),
    (${firstOf('names', firstEvent('event_name', 'n.name'))}),
    (SELECT true FROM feature WHERE NOT all_known AND (
      SELECT true FROM ${table('events')} WHERE project_id = $1::uuid AND event_name > '' ORDER BY event_name LIMIT 1
    ))) AS "EVENTS",
  (${firstOf('names || $2::text', firstNaming(table('reservations'), 'coalesce(feature_id, event_name)', 'n.name', 'AND used = 0'))}) AS "RESERVATIONS",
  EXISTS (SELECT FROM public.credit_costs WHERE project_id = $1::uuid AND feature_id = $2::text)
    OR EXISTS (SELECT FROM public.removed_features AS r, jsonb_array_elements(r.credit_costs) AS c
      WHERE r.project_id = $1::uuid AND r.id <> $2::text AND c ->> 'feature_id' = $2::text) AS "CREDIT_COSTS"`;

type UseRow = Readonly<Record<FeatureUse, boolean | null>>;

/** In all places, of which these are the clients. */
export async function usesOf(
  clients: readonly RawClient[],
  projectId: string,
  id: string,
): Promise<FeatureUse[]> {
  const rows: UseRow[] = [];
  for (const client of clients) rows.push(...(await client.rows<UseRow>(USES, projectId, id)));
  return FEATURE_USES.filter((use) => rows.some((uses) => uses[use] === true));
}
