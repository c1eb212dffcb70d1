import type { UsageEvent } from '../store.js';
import type { KnownEvent } from './command.js';
import type { EventVoidDraft } from './write-path.js';

/** The events that the commands of one customer are about, as the commands so far have left them. */
export class KnownEvents {
  readonly #events: ReadonlyMap<string, UsageEvent>;
  readonly #voiding = new Map<string, EventVoidDraft>();

  constructor(events: ReadonlyMap<string, UsageEvent>) {
    this.#events = events;
  }

  has(id: string): boolean {
    return this.#events.has(id);
  }

  get(id: string): KnownEvent | undefined {
    const event = this.#events.get(id);
    return event && { event, voiding: this.#voiding.get(id) ?? null };
  }

  undo(rows: readonly EventVoidDraft[]): void {
    for (const row of rows) this.#voiding.set(row.eventId, row);
  }
}
