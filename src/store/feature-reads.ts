import type { CreditCost, FeatureType } from '../domain/feature.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { StoredFeature } from '../meter/store.js';
import { ms } from './account-rows.js';
import { numberOf, textOf } from './codec.js';
import { creditCostsOf } from './credit-costs.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { OF_PROJECT, rowsByPage } from './read-page.js';

/** With its costs, of which there are few. */
const COLUMNS = `r.project_id, r.id, r.name, r.type, to_json(r.event_names), (
    SELECT json_agg(json_build_array(c.feature_id, c.cost::text, c.prices) ORDER BY c.feature_id)
    FROM public.credit_costs AS c WHERE c.project_id = r.project_id AND c.credit_system_id = r.id
  ), ${ms('r.created_at')}, ${ms('r.updated_at')}, ${ms('r.archived_at')}`;

/** Of those that are being deleted; nearly always, there are none. */
const REMOVED =
  '(SELECT (jsonb_populate_record(NULL::public.features, f.feature)).* FROM public.removed_features AS f)';

type FeatureReads = Pick<ReadPath, 'features' | 'removedFeatures' | 'featurePages'>;

export function featureReads(client: ReadClient): FeatureReads {
  const sql = { table: 'public.features', columns: COLUMNS, from: featureFromCells };
  const byId = {
    ...sql,
    key: { id: 'text' },
    keyOf: (id: string) => [id],
    where: 'true',
  };
  return {
    features: rowsByKey(client, byId),
    removedFeatures: rowsByKey(client, { ...byId, table: REMOVED }),
    featurePages: rowsByPage(client, {
      ...sql,
      ...OF_PROJECT,
      lists: { archived: 'boolean' },
      listOf: ({ includeArchived }) => [String(includeArchived)],
      // A project has few features.
      where: 'r.project_id = $1 AND (w.archived OR r.archived_at IS NULL)',
    }),
  };
}

function featureFromCells(row: Row): StoredFeature {
  const [projectId, id, name, type, eventNames, costs, createdAt, updatedAt, archivedAt] = row;
  return {
    projectId: textOf(projectId),
    id: textOf(id),
    name: textOf(name),
    type: featureType(textOf(type)),
    eventNames: JSON.parse(textOf(eventNames)),
    creditCosts: costsOf(costs ?? null),
    createdAt: numberOf(createdAt),
    updatedAt: numberOf(updatedAt),
    isArchived: archivedAt !== null,
    archivedAt: archivedAt === null ? null : numberOf(archivedAt),
  };
}

/** The column's type has the same values. */
function featureType(text: string): FeatureType {
  return text as FeatureType;
}

/** What the statement builds; null if there is none. */
function costsOf(json: string | null): CreditCost[] {
  const costs: readonly (readonly [string, string | null, unknown])[] =
    json === null ? [] : JSON.parse(json);
  return costs.flatMap(([featureId, cost, prices]) => creditCostsOf(featureId, cost, prices));
}
