/** How the events of random histories are undone or amended. */
import * as fc from 'fast-check';
import type { PlainAmend } from '../cases/plain.js';
import { said } from './property-arbitraries.js';

export interface Undoing {
  /** The event that was recorded so many before the last one. */
  readonly void: number;
  /** What takes its place, if it is amended. */
  readonly inPlace?: Omit<PlainAmend, 'event'>;
}

const value = fc.oneof(
  fc.integer({ min: -30, max: 60 }),
  fc.nat({ max: 5_000 }).map((hundredths) => Number(`${hundredths}e-2`)),
);

const inPlace: fc.Arbitrary<Omit<PlainAmend, 'event'>> = fc.record(
  {
    value,
    overageBehavior: fc.constantFrom('CAP', 'REJECT', 'OVERFLOW'),
    // Of these, the last one is in the future at first.
    timestamp: fc.constantFrom('2026-01-29T12:00:00.000Z', '2026-02-08T00:00:00.000Z'),
    properties: said,
    idempotencyKey: fc.constantFrom('a1', 'a2'),
  },
  { requiredKeys: [] },
);

export const undoing: fc.Arbitrary<Undoing> = fc.record(
  { void: fc.nat({ max: 6 }), inPlace },
  { requiredKeys: ['void'] },
);
