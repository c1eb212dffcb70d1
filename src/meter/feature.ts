import { costToText } from '../domain/cost.js';
import type { Catalog, CreditCost, FeatureType } from '../domain/feature.js';
import { featureArchived } from '../domain/feature-use.js';
import { canonicalJson } from '../domain/idempotency.js';
import {
  type InputIssue,
  invalidInput,
  notFound,
  quoted,
  type Refusal,
} from '../domain/refusal.js';
import { UnavailableError } from '../domain/unavailable.js';
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
  return onCatalog(ctx, (catalog) => createNow(ctx, draft, catalog));
}

/** Another gateway may change the catalogue meanwhile. */
const ATTEMPTS_MAX = 5;

/** Changes the catalogue when it is the caller's turn, as it is then; anew if the work finds that it has changed, and returns null. */
function onCatalog<T>(
  ctx: VerbContext,
  work: (catalog: Catalog) => Promise<Result<T> | null>,
): Promise<Result<T>> {
  const { projectId } = ctx.caller;
  const { catalogs } = ctx.writeQueue;
  return manage(ctx, async () => {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const result = await work(await catalogs.refresh(projectId));
      catalogs.delete(projectId);
      if (result !== null) return result;
    }
    throw new UnavailableError('WRITE_CONTENTION');
  });
}

interface CreatedFeature {
  readonly feature: StoredFeature;
  readonly created: boolean;
}

async function createNow(
  ctx: VerbContext,
  draft: FeatureDraft,
  catalog: Catalog,
): Promise<Result<CreatedFeature> | null> {
  const { store, caller } = ctx;
  const refusal = refuseCreditCosts(catalog, draft);
  if (refusal !== null) return refuse(refusal);
  const isKnown = catalog.features.has(draft.id);
  if (!isKnown) {
    const { version } = catalog;
    const feature = await store.createFeature(caller.projectId, draft, FEATURES_MAX, version);
    if (feature === 'STALE') return null;
    if (feature === 'BEING_DELETED') {
      await store.deleteFeature(caller.projectId, draft.id);
      return null;
    }
    if (feature !== null) return done({ feature, created: true });
  }
  const existing = await store.feature(caller.projectId, draft.id);
  // One that is known has been deleted meanwhile.
  if (existing === null) return isKnown ? null : refuse(tooMany(draft.id));
  return definition(existing) === definition(draft)
    ? done({ feature: existing, created: false })
    : refuse(taken(draft.id));
}

/** A caller's complete definition of a feature, regardless of the order of its lists, as far as it means nothing. */
function definition({ name, type, eventNames, creditCosts }: FeatureDraft): string {
  return JSON.stringify([name, type, eventNames.toSorted(), sortedCosts(creditCosts)]);
}

/** By feature; the order of several costs of one feature decides which applies. */
function sortedCosts(costs: readonly CreditCost[]): unknown[] {
  return costs
    .map(
      ({ featureId, cost, where }) => [featureId, costToText(cost), canonicalJson(where)] as const,
    )
    .toSorted(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1));
}

function tooMany(id: string): Refusal {
  return invalidInput([
    {
      path: 'featureId',
      value: JSON.stringify(id),
      rule: 'features_max',
      message: `a project has at most ${FEATURES_MAX} features, archived ones included`,
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
  return onCatalog(ctx, (catalog) => updateNow(ctx, input, catalog));
}

async function updateNow(
  ctx: VerbContext,
  { featureId, changes }: UpdateFeatureInput,
  catalog: Catalog,
): Promise<Result<StoredFeature> | null> {
  const { store, caller } = ctx;
  const feature = catalog.features.get(featureId);
  if (feature === undefined) return refuse(notFound('FEATURE_NOT_FOUND', featureId));
  const { creditCosts } = changes;
  if (creditCosts !== undefined) {
    const refusal = refuseCreditCosts(catalog, { id: featureId, type: feature.type, creditCosts });
    if (refusal !== null) return refuse(refusal);
  }
  const updated = await store.updateFeature(caller.projectId, featureId, changes, catalog.version);
  if (updated === 'STALE') return null;
  return updated === null ? refuse(notFound('FEATURE_NOT_FOUND', featureId)) : done(updated);
}

interface Priced {
  readonly id: string;
  readonly type: FeatureType;
  readonly creditCosts: readonly CreditCost[];
}

/** Whether the costs fit the catalogue: exactly the credit systems have costs, and none of an archived feature is new. */
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
  if (unknown !== undefined) return notFound('FEATURE_NOT_FOUND', unknown.featureId);
  const listed = catalog.features.get(feature.id)?.creditCosts ?? [];
  const archived = creditCosts.find(
    ({ featureId }) =>
      catalog.features.get(featureId)?.isArchived === true &&
      !listed.some((cost) => cost.featureId === featureId),
  );
  return archived === undefined ? null : featureArchived(archived.featureId, 'credit costs');
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
