import type { Shortfall } from '../domain/deduction.js';
import { type Quantity, roundedDown, roundedUp } from '../domain/quantity.js';
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

/** Of refusals alone. */
export const LARGEST_CAPTURED =
  'Of a capture, it includes what is held; null, too, if a capture with `final: false` has properties with other costs.';

/** It can be sent as it is shown. */
export function largestShown(largestAllowed: Quantity | null): Quantity | null {
  return largestAllowed === null ? null : roundedDown(largestAllowed);
}

export const MISSING_ROUNDED =
  'It is rounded up where it has more digits than a JSON number can have, so that a grant of it is enough.';

/** They can be granted as they are shown. */
export function missingShown(missing: readonly Shortfall[]): readonly Shortfall[] {
  if (missing.length === 0) return missing;
  return missing.map((one) => ({ ...one, amount: roundedUp(one.amount) }));
}

export const NEXT_CHANGE_AT =
  'When this can change next without any call, because a balance that can pay starts, resets or expires, or a reservation of it does. Null for never.';
