/** The usage events of a customer in memory that `src/domain` decides, and how they are undone. */
import type { Deduction } from '../../../src/domain/deduction.js';
import type { Instant } from '../../../src/domain/interval.js';
import { type Quantity, quantityToText } from '../../../src/domain/quantity.js';
import type { Reversal } from '../../../src/domain/void.js';
import type { PlainVoided } from './plain.js';

export interface DomainEvent {
  readonly value: Quantity;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly deductions: readonly Deduction[];
  readonly voided: PlainVoided | null;
}

/** The answer of the first call. */
export function voidedOf({ reversed, notReversed }: Reversal): PlainVoided {
  return {
    replayed: false,
    reversed: Object.fromEntries(
      reversed.map(({ balanceId, amount }) => [balanceId, quantityToText(amount)]),
    ),
    notReversed: Object.fromEntries(
      notReversed.map(({ balanceId, reason, amount }) => [
        `${balanceId} ${reason}`,
        quantityToText(amount),
      ]),
    ),
  };
}
