import { FEATURE_USES, type FeatureUse } from '../domain/feature-use.js';
import type { CatalogClient } from './feature-rows.js';
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

/** What has ever used a feature of the catalogue. $1 is the project, $2 the feature, $3 and $4 its names. */
export const USES = placed`WITH feature AS MATERIALIZED (
  SELECT ARRAY(SELECT json_array_elements_text($3::json)) AS names, $4::boolean AS all_known
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

/** A feature, and what events have ever named it by. */
export interface NamedFeature {
  readonly projectId: string;
  readonly id: string;
  readonly names: readonly string[];
  /** Whether those are all: earlier releases did not keep former ones. */
  readonly allKnown: boolean;
}

/** From the catalogue itself, which only its own transaction may know as it is. Null if there is none. */
export async function namedFeature(
  tx: CatalogClient,
  projectId: string,
  id: string,
): Promise<NamedFeature | null> {
  const [row] = await tx.$queryRaw<Pick<NamedFeature, 'names' | 'allKnown'>[]>`SELECT
      event_names || coalesce(former_event_names, '{}') AS names, former_event_names IS NOT NULL AS "allKnown"
    FROM public.features WHERE project_id = ${projectId}::uuid AND id = ${id}`;
  return row === undefined ? null : { projectId, id, ...row };
}

/** Does something in each place, one after the other: wherever there are customers, features are used. */
export type InPlaces = <Result>(work: (client: RawClient) => Promise<Result>) => Promise<Result[]>;

export async function usesOf(
  inPlaces: InPlaces,
  { projectId, id, names, allKnown }: NamedFeature,
): Promise<FeatureUse[]> {
  const parameters = [projectId, id, JSON.stringify(names), String(allKnown)];
  const rows = (await inPlaces((client) => client.rows<UseRow>(USES, ...parameters))).flat();
  return FEATURE_USES.filter((use) => rows.some((uses) => uses[use] === true));
}
