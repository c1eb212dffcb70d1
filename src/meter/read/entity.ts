import type { Entity } from '../store.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { EntityAddress, EntityPage } from './read-path.js';

/** Metadata takes up to 16 KiB, as that of customers does. */
const TIMES_AS_LARGE = 3;

const ONE = rowKind<EntityAddress, Entity | null>({
  timesAsLarge: TIMES_AS_LARGE,
  // Ids of entities are unique within their customer only.
  textOf: ({ customerKey, id }) => `${customerKey}:${id}`,
  load: (path, projectId, addresses) => path.entities(projectId, addresses),
});

const PAGE = pageKind<EntityPage, readonly Entity[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ customerKey }) => customerKey,
  load: (path, projectId, pages) => path.entityPages(projectId, pages),
  rowsFound: lengthOf,
});

/** An entity of a customer, or null if it does not exist or has been deleted. */
export function readEntity(ctx: ReadContext, address: EntityAddress): Promise<Entity | null> {
  const { customerKey, id } = address;
  return readOne(ctx, ONE, { customerKey, id });
}

/** Entities of a customer, by id. */
export function listEntities(ctx: ReadContext, page: EntityPage): Promise<readonly Entity[]> {
  return readOne(ctx, PAGE, page);
}
