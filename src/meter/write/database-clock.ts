import type { Instant } from '../../domain/interval.js';

/** The clock of the database that a place is in, as of the last commit there: decisions are made by it. */
export interface DatabaseClock {
  /** Null before it is first read. */
  now(): Instant | null;
  observe(now: Instant): void;
}

export function createDatabaseClock(monotonicMs: () => number): DatabaseClock {
  let offsetMs: number | null = null;
  return {
    now: () => (offsetMs === null ? null : Math.floor(monotonicMs() + offsetMs)),
    observe(now) {
      offsetMs = now - monotonicMs();
    },
  };
}
