import type { StoredFeature } from '../store.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, noneOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { Page } from './read-path.js';

/** A hundred costs and a hundred event names take up to 42 KiB, so 714 features take up to 30 MiB. */
const TIMES_AS_LARGE = 7;

const ONE = rowKind<string, StoredFeature | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: (id) => id,
  // What a balance is of may be read; the catalogue may not.
  within: (id) => id,
  load: (path, projectId, ids) => path.features(projectId, ids),
});

const PAGE = pageKind<Page, readonly StoredFeature[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: () => '',
  within: noneOf,
  load: (path, projectId, pages) => path.featurePages(projectId, pages),
  rowsFound: lengthOf,
});

/** A feature by its id, or null if it does not exist. */
export function readFeature(ctx: ReadContext, id: string): Promise<StoredFeature | null> {
  return readOne(ctx, ONE, id);
}

/** Features of the project, by id. */
export function listFeatures(ctx: ReadContext, page: Page): Promise<readonly StoredFeature[]> {
  return readOne(ctx, PAGE, page);
}
