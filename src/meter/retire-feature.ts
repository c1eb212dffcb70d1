/** Features that are no longer wanted: archived where something uses them, deleted where nothing ever has. */
import { featureInUse } from '../domain/feature-use.js';
import { notFound } from '../domain/refusal.js';
import type { StoredFeature } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { manage } from './write/gates.js';

export interface ArchiveFeatureInput {
  readonly featureId: string;
  /** False brings it back. */
  readonly archived: boolean;
}

/** Archives a feature or brings it back. Repeated, it changes nothing. */
export function archiveFeature(
  ctx: VerbContext,
  { featureId, archived }: ArchiveFeatureInput,
): Promise<Result<StoredFeature>> {
  return changing(ctx, async () => {
    const { projectId } = ctx.caller;
    const feature = await ctx.store.archiveFeature(projectId, featureId, archived);
    return feature === null ? refuse(notFound('FEATURE_NOT_FOUND', featureId)) : done(feature);
  });
}

/** Deletes a feature that nothing has ever used, and returns it as it was. */
export function deleteFeature(ctx: VerbContext, featureId: string): Promise<Result<StoredFeature>> {
  return changing(ctx, async () => {
    const deletion = await ctx.store.deleteFeature(ctx.caller.projectId, featureId);
    if (deletion === null) return refuse(notFound('FEATURE_NOT_FOUND', featureId));
    if ('uses' in deletion) return refuse(featureInUse(featureId, deletion.uses));
    return done(deletion.feature);
  });
}

/** When it is the caller's turn. Whatever comes of it, the catalogue is read again. */
function changing<T>(ctx: VerbContext, work: () => Promise<T>): Promise<T> {
  return manage(ctx, async () => {
    try {
      return await work();
    } finally {
      ctx.writeQueue.catalogs.delete(ctx.caller.projectId);
    }
  });
}
