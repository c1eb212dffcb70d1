/** How long calls wait together for the fence to be opened. A move of customers that takes no longer is a pause, and no call fails. */
const WAIT_MAX_MS = 2_000;

/** After so long without a refusal by the fence, the next one is of another closing. */
const FORGOTTEN_MS = 1_000;

/**
 * Whether what the fence refuses is worth another try. All calls of a process wait for the same time and not one after the other: when
 * it is over, they are answered at once.
 */
export class ClosedWait {
  /** Whether the place is on another server by now, so that there is nothing to wait for here. Null if it cannot be. */
  readonly hasMoved: (() => Promise<boolean>) | null;
  #since = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(hasMoved: (() => Promise<boolean>) | null = null) {
    this.hasMoved = hasMoved;
  }

  /** Called for each refusal. */
  isWorthwhile(now: number): boolean {
    if (now - this.#last > FORGOTTEN_MS) this.#since = now;
    this.#last = now;
    return now - this.#since < WAIT_MAX_MS;
  }
}
