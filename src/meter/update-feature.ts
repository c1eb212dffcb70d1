import { notFound } from '../domain/refusal.js';
import { refuseCreditCosts } from './credit-costs.js';
import type { FeatureChanges, StoredFeature } from './store.js';
import { type Answer, done, refuse, type VerbContext } from './verb.js';

export interface UpdateFeatureInput {
  readonly featureId: string;
  readonly changes: FeatureChanges;
}

/** Changes the fields that are given. What is recorded stays as it was charged. */
export async function updateFeature(
  ctx: VerbContext,
  { featureId, changes }: UpdateFeatureInput,
): Promise<Answer<StoredFeature>> {
  const { store, caller } = ctx;
  const catalog = await store.catalog(caller.projectId);
  const feature = catalog.features.get(featureId);
  if (feature === undefined) return refuse(notFound('FEATURE_NOT_FOUND', featureId));
  const { creditCosts } = changes;
  if (creditCosts !== undefined) {
    const refusal = refuseCreditCosts(catalog, { id: featureId, type: feature.type, creditCosts });
    if (refusal !== null) return refuse(refusal);
  }
  const updated = await store.updateFeature(caller.projectId, featureId, changes);
  return updated === null ? refuse(notFound('FEATURE_NOT_FOUND', featureId)) : done(updated);
}
