/** Allows so many in each second, and no more. */
export class PerSecond {
  readonly #max: number;
  readonly #monotonicMs: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(max: number, monotonicMs: () => number) {
    this.#max = max;
    this.#monotonicMs = monotonicMs;
  }

  take(): boolean {
    const now = this.#monotonicMs();
    if (now - this.#since >= SECOND_MS) {
      this.#since = now;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= this.#max;
  }
}

const SECOND_MS = 1_000;
