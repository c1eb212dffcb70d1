import { filterWithin, isEntityWithin, keyWithin } from '../access/only-customer.js';
import type { EventFilter, UsageEvent } from '../store.js';
import type { ReadContext } from '../verb.js';
import { customerKeyIn, pageKind, readOne, rowKind } from './read-kind.js';
import type { EventAddress, EventPage, EventRows } from './read-path.js';

/** Properties take up to 64 KiB, and a deduction from each of 500 balances as much: 250 events take up to 32 MiB. */
const TIMES_AS_LARGE = 20;

const ONE = rowKind<EventAddress, UsageEvent | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: ({ customerKey, eventId, withProperties }) =>
    `${customerKey}:${eventId}:${withProperties}`,
  within: (address, only) => ({
    ...address,
    customerKey: keyWithin(address.customerKey, only),
  }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, addresses) => path.events(projectId, addresses),
});

const PAGE = pageKind<EventPage, EventRows>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ filter, withProperties }) => `${withProperties}${filterText(filter)}`,
  within: (page, only) => ({ ...page, filter: filterWithin(page.filter, only) }),
  customerKeyOf: ({ filter }) => filter.customerKey,
  load: (path, projectId, pages) => path.eventPages(projectId, pages),
  rowsFound: ({ events }) => events.length,
});

function filterText(filter: EventFilter): string {
  const { customerKey, entityId, featureId, eventName, occurredFrom, occurredBefore } = filter;
  return JSON.stringify([
    customerKey,
    entityId,
    featureId,
    eventName,
    occurredFrom,
    occurredBefore,
  ]);
}

/** An event of a customer, or null if it does not exist. */
export async function readEvent(
  ctx: ReadContext,
  address: EventAddress,
): Promise<UsageEvent | null> {
  const event = await readOne(ctx, ONE, address);
  return event !== null && isEntityWithin(event.entityId, ctx.caller.only) ? event : null;
}

/** Events that pass the filter, newest first. */
export function listEvents(ctx: ReadContext, page: EventPage): Promise<EventRows> {
  return readOne(ctx, PAGE, page);
}
