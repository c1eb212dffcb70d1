import { type Quantity, roundedDown } from '../domain/quantity.js';
import type { DenialReason as Reason } from '../domain/refusal.js';
import { builder } from './builder.js';

export const DenialReason = builder.enumType('DenialReason', {
  description: 'Why usage is not allowed.',
  values: {
    NOT_HELD: {
      description: 'No balance is held that could pay, of the feature or of a credit system.',
    },
    INSUFFICIENT_BALANCE: { description: 'The balances cannot cover all of it.' },
    USAGE_LIMIT: { description: 'Reserved: there are no usage limits in this release.' },
    SPEND_LIMIT: { description: 'Reserved: there are no spend limits in this release.' },
  } satisfies Record<Reason, { description: string }>,
});

export const LARGEST_ALLOWED =
  'The largest value that would be accepted at that instant: with 0.0000000001 more, usage with REJECT is refused. It is ' +
  'rounded down where it has more digits than a JSON number can have. ' +
  'Null if not even 0 would be, or if an event name charges so many features that it would take too long to find.';

/** It can be sent as it is shown. */
export function largestShown(largestAllowed: Quantity | null): Quantity | null {
  return largestAllowed === null ? null : roundedDown(largestAllowed);
}

export const NEXT_CHANGE_AT =
  'When this can change next without any call, because a balance that can pay starts, resets or expires, or a reservation of it does. Null for never.';
