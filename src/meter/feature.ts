import type { Catalog, CreditCost, FeatureType } from '../domain/feature.js';
import { quantityToText } from '../domain/quantity.js';
import {
  type InputIssue,
  invalidInput,
  notFound,
  quoted,
  type Refusal,
} from '../domain/refusal.js';
import type { FeatureChanges, FeatureDraft, StoredFeature } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { manage } from './write/gates.js';

/** Every gateway keeps the catalogues of its projects in memory. */
export const FEATURES_MAX = 1_000;

/** Creates a feature. The same definition again returns the feature, so a retry is safe. */
export function createFeature(
  ctx: VerbContext,
  draft: FeatureDraft,
): Promise<Result<CreatedFeature>> {
  return manage(ctx, () => createNow(ctx, draft));
}

interface CreatedFeature {
  readonly feature: StoredFeature;
  readonly created: boolean;
}

async function createNow(ctx: VerbContext, draft: FeatureDraft): Promise<Result<CreatedFeature>> {
  const { store, caller } = ctx;
  const { catalogs } = ctx.writeQueue;
  const catalog = await catalogs.refresh(caller.projectId);
  const refusal = refuseCreditCosts(catalog, draft);
  if (refusal !== null) return refuse(refusal);
  if (!catalog.features.has(draft.id)) {
    const feature = await store.createFeature(caller.projectId, draft, FEATURES_MAX);
    catalogs.delete(caller.projectId);
    if (feature !== null) return done({ feature, created: true });
  }
  const existing = await store.feature(caller.projectId, draft.id);
  if (existing === null) return refuse(tooMany(draft.id));
  return definition(existing) === definition(draft)
    ? done({ feature: existing, created: false })
    : refuse(taken(draft.id));
}

/** A caller's complete definition of a feature, regardless of the order of its lists. */
function definition({ name, type, eventNames, creditCosts }: FeatureDraft): string {
  const costs = creditCosts.map(({ featureId, cost }) => [featureId, quantityToText(cost)]);
  return JSON.stringify([name, type, eventNames.toSorted(), costs.toSorted()]);
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
    message: `Another feature has the id ${quoted(id)}. Change it with updateFeature.`,
  };
}

export interface UpdateFeatureInput {
  readonly featureId: string;
  readonly changes: FeatureChanges;
}

/** Changes the fields that are given. Recorded usage is not charged again. */
export function updateFeature(
  ctx: VerbContext,
  input: UpdateFeatureInput,
): Promise<Result<StoredFeature>> {
  return manage(ctx, () => updateNow(ctx, input));
}

async function updateNow(
  ctx: VerbContext,
  { featureId, changes }: UpdateFeatureInput,
): Promise<Result<StoredFeature>> {
  const { store, caller } = ctx;
  const { catalogs } = ctx.writeQueue;
  const catalog = await catalogs.refresh(caller.projectId);
  const feature = catalog.features.get(featureId);
  if (feature === undefined) return refuse(notFound('FEATURE_NOT_FOUND', featureId));
  const { creditCosts } = changes;
  if (creditCosts !== undefined) {
    const refusal = refuseCreditCosts(catalog, { id: featureId, type: feature.type, creditCosts });
    if (refusal !== null) return refuse(refusal);
  }
  const updated = await store.updateFeature(caller.projectId, featureId, changes);
  catalogs.delete(caller.projectId);
  return updated === null ? refuse(notFound('FEATURE_NOT_FOUND', featureId)) : done(updated);
}

interface Priced {
  readonly id: string;
  readonly type: FeatureType;
  readonly creditCosts: readonly CreditCost[];
}

/** Whether the costs fit the catalogue: exactly the credit systems have costs. */
export function refuseCreditCosts(catalog: Catalog, feature: Priced): Refusal | null {
  const { type, creditCosts } = feature;
  if (type !== 'CREDIT_SYSTEM') {
    if (creditCosts.length === 0) return null;
    return invalidInput([
      issue('creditCosts', type, 'credit_system', 'only a CREDIT_SYSTEM has credit costs'),
    ]);
  }
  if (creditCosts.length === 0) {
    return invalidInput([
      issue('creditCosts', [], 'required', 'a CREDIT_SYSTEM must list what its credits pay for'),
    ]);
  }
  const issues = creditCosts.flatMap(({ featureId }, index) => {
    const message = unfitMember(catalog, feature.id, featureId);
    if (message === null) return [];
    return [issue(`creditCosts.${index}.featureId`, featureId, 'member', message)];
  });
  if (issues.length > 0) return invalidInput(issues);
  const unknown = creditCosts.find(({ featureId }) => !catalog.features.has(featureId));
  return unknown === undefined ? null : notFound('FEATURE_NOT_FOUND', unknown.featureId);
}

function unfitMember(catalog: Catalog, creditSystemId: string, featureId: string): string | null {
  if (featureId === creditSystemId) return 'a CREDIT_SYSTEM cannot pay for itself';
  const type = catalog.features.get(featureId)?.type;
  if (type === 'CREDIT_SYSTEM') return 'a CREDIT_SYSTEM cannot pay for another one';
  return type === 'BOOLEAN' ? 'a BOOLEAN feature is not used in amounts, so it has no cost' : null;
}

function issue(path: string, value: unknown, rule: string, message: string): InputIssue {
  return { path, value: JSON.stringify(value), rule, message };
}
