import { UnavailableError } from '../../domain/unavailable.js';
import type { StoredFeature } from '../store.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, noneOf, ofNoCustomer, pageKind, readOne, rowKind } from './read-kind.js';
import type { FeaturePage } from './read-path.js';

/** A hundred costs and a hundred event names take up to 42 KiB, so 714 features take up to 30 MiB. */
const TIMES_AS_LARGE = 7;

const ONE = rowKind<string, StoredFeature | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: (id) => id,
  // What a balance is of may be read; the catalogue may not.
  within: (id) => id,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, ids) => path.features(projectId, ids),
});

const REMOVED = rowKind<string, StoredFeature | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: (id) => id,
  within: (id) => id,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, ids) => path.removedFeatures(projectId, ids),
});

const PAGE = pageKind<FeaturePage, readonly StoredFeature[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ includeArchived }) => String(includeArchived),
  within: noneOf,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, pages) => path.featurePages(projectId, pages),
  rowsFound: lengthOf,
});

/** A feature by its id, or null if it does not exist. */
export function readFeature(ctx: ReadContext, id: string): Promise<StoredFeature | null> {
  return readOne(ctx, ONE, id);
}

/**
 * A feature that something names. While one is being deleted, it may turn out that something has used it; and what named it may have
 * changed since.
 */
export async function readNamedFeature(ctx: ReadContext, id: string): Promise<StoredFeature> {
  const feature = (await readFeature(ctx, id)) ?? (await readOne(ctx, REMOVED, id));
  if (feature !== null) return feature;
  throw new UnavailableError('WRITE_CONTENTION', undefined, DELETED_MEANWHILE);
}

const DELETED_MEANWHILE =
  'A feature was deleted while what names it was read. Nothing was written by this read; retry.';

/** Features of the project, by id. */
export function listFeatures(
  ctx: ReadContext,
  page: FeaturePage,
): Promise<readonly StoredFeature[]> {
  return readOne(ctx, PAGE, page);
}
