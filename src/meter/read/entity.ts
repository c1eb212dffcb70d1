import { entityKeyWithin } from '../access/only-customer.js';
import type { Entity } from '../store.js';
import type { ReadContext } from '../verb.js';
import { customerKeyIn, lengthOf, pageKind, pageOfOne, readOne, rowKind } from './read-kind.js';
import type { EntityAddress, EntityPage } from './read-path.js';

/** Metadata takes up to 16 KiB, as that of customers does. */
const TIMES_AS_LARGE = 3;

const ONE = rowKind<EntityAddress, Entity | null>({
  timesAsLarge: TIMES_AS_LARGE,
  // Ids of entities are unique within their customer only.
  textOf: ({ customerKey, id }) => `${customerKey}:${id}`,
  within: ({ customerKey, id }, only) => ({
    customerKey: entityKeyWithin(customerKey, id, only),
    id,
  }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, addresses) => path.entities(projectId, addresses),
});

const PAGE = pageKind<EntityPage, readonly Entity[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ customerKey }) => customerKey,
  within: (page, only) => ({
    ...page,
    customerKey: entityKeyWithin(page.customerKey, null, only),
  }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, pages) => path.entityPages(projectId, pages),
  rowsFound: lengthOf,
});

/** An entity of a customer, or null if it does not exist or has been deleted. */
export function readEntity(ctx: ReadContext, address: EntityAddress): Promise<Entity | null> {
  const { customerKey, id } = address;
  return readOne(ctx, ONE, { customerKey, id });
}

/** Entities of a customer, by id. */
export async function listEntities(ctx: ReadContext, page: EntityPage): Promise<readonly Entity[]> {
  const id = ctx.caller.only?.entityId ?? null;
  if (id !== null) return pageOfOne(await readEntity(ctx, { ...page, id }), page);
  return readOne(ctx, PAGE, page);
}
