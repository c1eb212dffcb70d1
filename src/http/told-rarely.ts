import { monotonicMs } from '../platform/clock.js';

/** What may happen a thousand times a second is logged once in this time. */
export const TOLD_INTERVAL_MS = 1_000;

interface Untold {
  calls: number;
  toldAt: number;
}

/** Counts what happens, by its kind. There are few kinds, and clients do not choose them. */
export class ToldRarely {
  readonly #kinds = new Map<string, Untold>();

  /** How often it has happened since it was last told, this time included; null if it is not to be told yet. */
  add(kind: string): number | null {
    const untold = this.#kinds.get(kind) ?? { calls: 0, toldAt: Number.NEGATIVE_INFINITY };
    this.#kinds.set(kind, untold);
    untold.calls += 1;
    if (monotonicMs() - untold.toldAt < TOLD_INTERVAL_MS) return null;
    const { calls } = untold;
    untold.calls = 0;
    untold.toldAt = monotonicMs();
    return calls;
  }
}
