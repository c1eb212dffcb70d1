import type { ProjectKey } from '../access/keys.js';
import { NO_CUSTOMER } from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, noneOf, ofNoCustomer, pageKind, readOne, rowKind } from './read-kind.js';
import type { ApiKeyPage } from './read-path.js';

const ONE = rowKind<string, ProjectKey | null>({
  textOf: (id) => id,
  within: () => NO_CUSTOMER,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, ids) => path.apiKeys(projectId, ids),
});

const PAGE = pageKind<ApiKeyPage, readonly ProjectKey[]>({
  listOf: ({ ofProjectId }) => ofProjectId,
  rowsFound: lengthOf,
  within: noneOf,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, pages) => path.apiKeyPages(projectId, pages),
});

/** A key by its id, or null if it does not exist or is not one of the caller's project. */
export function readApiKey(ctx: ReadContext, id: string): Promise<ProjectKey | null> {
  return readOne(ctx, ONE, id);
}

/** Keys of a project, newest first, ended ones included. */
export function listApiKeys(ctx: ReadContext, page: ApiKeyPage): Promise<readonly ProjectKey[]> {
  return readOne(ctx, PAGE, page);
}
