import type { StoredFeature } from '../store.js';
import type { ReadContext } from '../verb.js';
import { asFound, one, pageRows, pageText, type ReadKind, readOne } from './read-kind.js';
import type { Page } from './read-path.js';

const ONE: ReadKind<string, StoredFeature | null> = {
  rowsOf: one,
  textOf: (id) => id,
  load: (path, projectId, ids) => path.features(projectId, ids),
  show: asFound,
};

const PAGE: ReadKind<Page, readonly StoredFeature[]> = {
  rowsOf: pageRows,
  textOf: pageText,
  load: (path, projectId, pages) => path.featurePages(projectId, pages),
  show: asFound,
};

/** A feature by its id, or null if it does not exist. */
export function readFeature(ctx: ReadContext, id: string): Promise<StoredFeature | null> {
  return readOne(ctx, ONE, id);
}

/** Features of the project, by id. */
export function listFeatures(ctx: ReadContext, page: Page): Promise<readonly StoredFeature[]> {
  return readOne(ctx, PAGE, page);
}
