import type { Entity } from '../store.js';
import type { ReadContext } from '../verb.js';
import {
  asFound,
  largeRows,
  one,
  pageRows,
  pageText,
  type ReadKind,
  readOne,
} from './read-kind.js';
import type { EntityAddress, EntityPage } from './read-path.js';

/** Metadata takes up to 16 KiB, as that of customers does. */
const TIMES_AS_LARGE = 3;

const ONE: ReadKind<EntityAddress, Entity | null> = {
  rowsOf: largeRows(TIMES_AS_LARGE, one),
  // Ids of entities are unique within their customer only.
  textOf: ({ customerKey, id }) => `${customerKey}:${id}`,
  load: (path, projectId, addresses) => path.entities(projectId, addresses),
  show: asFound,
};

const PAGE: ReadKind<EntityPage, readonly Entity[]> = {
  rowsOf: largeRows(TIMES_AS_LARGE, pageRows),
  textOf: (page) => `${page.customerKey}:${pageText(page)}`,
  load: (path, projectId, pages) => path.entityPages(projectId, pages),
  show: asFound,
};

/** An entity of a customer, or null if it does not exist or has been deleted. */
export function readEntity(ctx: ReadContext, address: EntityAddress): Promise<Entity | null> {
  const { customerKey, id } = address;
  return readOne(ctx, ONE, { customerKey, id });
}

/** Entities of a customer, by id. */
export function listEntities(ctx: ReadContext, page: EntityPage): Promise<readonly Entity[]> {
  return readOne(ctx, PAGE, page);
}
