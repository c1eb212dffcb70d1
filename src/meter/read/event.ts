import type { EventFilter, UsageEvent } from '../store.js';
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
import type { EventAddress, EventPage, EventRows } from './read-path.js';

/** Properties take up to 64 KiB, and a deduction from each of 500 balances as much: 250 events take up to 32 MiB. */
const TIMES_AS_LARGE = 20;

const ONE: ReadKind<EventAddress, UsageEvent | null> = {
  rowsOf: largeRows(TIMES_AS_LARGE, one),
  textOf: ({ customerKey, eventId }) => `${customerKey}:${eventId}`,
  load: (path, projectId, addresses) => path.events(projectId, addresses),
  show: asFound,
};

const PAGE: ReadKind<EventPage, EventRows> = {
  rowsOf: largeRows(TIMES_AS_LARGE, pageRows),
  textOf: (page) => `${filterText(page.filter)}${pageText(page)}`,
  load: (path, projectId, pages) => path.eventPages(projectId, pages),
  show: asFound,
};

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
export function readEvent(ctx: ReadContext, address: EventAddress): Promise<UsageEvent | null> {
  return readOne(ctx, ONE, address);
}

/** Events that pass the filter, newest first. */
export function listEvents(ctx: ReadContext, page: EventPage): Promise<EventRows> {
  return readOne(ctx, PAGE, page);
}
