import { quantityToText } from '../domain/quantity.js';
import { invalidInput, type Refusal } from '../domain/refusal.js';
import { refuseCreditCosts } from './credit-costs.js';
import type { FeatureDraft, StoredFeature } from './store.js';
import { type Answer, done, refuse, type VerbContext } from './verb.js';

/** Every gateway holds the catalogues of its projects in memory. */
export const FEATURES_MAX = 1_000;

/** Creates a feature. The same definition again is answered with the feature, so a retry is safe. */
export async function createFeature(
  ctx: VerbContext,
  draft: FeatureDraft,
): Promise<Answer<StoredFeature>> {
  const { store, caller } = ctx;
  const catalog = await store.catalog(caller.projectId);
  const refusal = refuseCreditCosts(catalog, draft);
  if (refusal !== null) return refuse(refusal);
  if (!catalog.features.has(draft.id)) {
    if (catalog.features.size >= FEATURES_MAX) return refuse(tooMany(draft.id));
    const feature = await store.createFeature(caller.projectId, draft);
    if (feature !== null) return done(feature);
  }
  const existing = (await store.features(caller.projectId, [draft.id])).get(draft.id);
  return existing !== undefined && definition(existing) === definition(draft)
    ? done(existing)
    : refuse(taken(draft.id));
}

/** All that a caller says of a feature, whatever the order of its costs. */
function definition({ name, type, eventNames, creditCosts }: FeatureDraft): string {
  const costs = creditCosts.map(({ featureId, cost }) => [featureId, quantityToText(cost)]);
  return JSON.stringify([name, type, eventNames, costs.toSorted()]);
}

function tooMany(id: string): Refusal {
  return invalidInput([
    {
      path: 'featureId',
      value: JSON.stringify(id),
      rule: 'features_max',
      message: `a project has at most ${FEATURES_MAX} features`,
    },
  ]);
}

function taken(id: string): Refusal {
  return {
    code: 'ALREADY_EXISTS',
    message: `Another feature has the id "${id}". Change it with updateFeature.`,
  };
}
