import { type Quantity, ZERO } from './quantity.js';
import type { NotReversed, NotReversedReason, Reversal } from './void.js';

/** What was given back of one feature. */
export interface ReversedSum {
  readonly featureId: string;
  /** Negative where more was taken again than given back. */
  readonly reversed: Quantity;
  /** The same of events that had been undone before. */
  readonly reversedBefore: Quantity;
}

/** What stays taken of one feature. */
export type NotReversedSum = Omit<NotReversed, 'balanceId'>;

/** Adds up what was undone of many events, by feature (R36). */
export class ReversalSums {
  readonly #reversed = new Map<string, ReversedSum>();
  readonly #notReversed = new Map<string, NotReversedSum>();

  /** `before`: it had been undone before. */
  add({ reversed, notReversed }: Reversal, { before }: { readonly before: boolean }): void {
    for (const { featureId, amount } of reversed) {
      const sum = this.#reversed.get(featureId);
      this.#reversed.set(featureId, {
        featureId,
        reversed: (sum?.reversed ?? ZERO) + (before ? ZERO : amount),
        reversedBefore: (sum?.reversedBefore ?? ZERO) + (before ? amount : ZERO),
      });
    }
    for (const { featureId, reason, amount } of notReversed) this.#leave(featureId, reason, amount);
  }

  #leave(featureId: string, reason: NotReversedReason, amount: Quantity): void {
    const key = `${reason} ${featureId}`;
    const sum = this.#notReversed.get(key)?.amount ?? ZERO;
    this.#notReversed.set(key, { featureId, reason, amount: sum + amount });
  }

  /** In the order in which they were added first. */
  get reversed(): readonly ReversedSum[] {
    return [...this.#reversed.values()];
  }

  get notReversed(): readonly NotReversedSum[] {
    return [...this.#notReversed.values()];
  }
}
