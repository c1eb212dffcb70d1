import { isUuid } from '../../platform/id.js';
import type { Project } from '../access/keys.js';
import { NO_CUSTOMER } from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, noneOf, ofNoCustomer, pageKind, readOne, rowKind } from './read-kind.js';
import type { Page } from './read-path.js';

const ONE = rowKind<string, Project | null>({
  textOf: (id) => id,
  within: () => NO_CUSTOMER,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, ids) => path.projects(projectId, ids),
});

const PAGE = pageKind<Page, readonly Project[]>({
  listOf: () => '',
  rowsFound: lengthOf,
  within: noneOf,
  customerKeyOf: ofNoCustomer,
  load: (path, projectId, pages) => path.projectPages(projectId, pages),
});

/** A project by its id, or null if it does not exist or is not the caller's. */
export async function readProject(ctx: ReadContext, id: string): Promise<Project | null> {
  return isUuid(id) ? readOne(ctx, ONE, id) : null;
}

/** All projects, by id, for an admin key. */
export function listProjects(ctx: ReadContext, page: Page): Promise<readonly Project[]> {
  return readOne(ctx, PAGE, page);
}
