import { UnavailableError } from '../domain/unavailable.js';
import type { UsageEvent } from '../meter/store.js';
import type { Loaded } from '../meter/write/write-path.js';
import { textOf } from './codec.js';
import { eventFromCells } from './events.js';
import type { Row } from './read-client.js';

/** The events that were read for decisions, by customer; and the customers of which one cannot be read. */
export function knownEvents(rows: readonly Row[]): Required<Pick<Loaded, 'events' | 'unreadable'>> {
  const events = new Map<string, Map<string, UsageEvent>>();
  const unreadable = new Map<string, UnavailableError>();
  for (const row of rows) {
    try {
      const event = eventFromCells(row);
      const others = events.get(event.customerKey) ?? new Map<string, UsageEvent>();
      events.set(event.customerKey, others.set(event.id, event));
    } catch (error) {
      // The customers beside it are not affected.
      if (!(error instanceof UnavailableError)) throw error;
      unreadable.set(textOf(row[1]), error);
    }
  }
  return { events, unreadable };
}
