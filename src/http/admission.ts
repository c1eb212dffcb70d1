/** Decides whether there is room for one more request before anything of it is read. */
export interface Admission {
  /** Whether to refuse a request that has just arrived. Call once for each: calls are counted. */
  shouldShed(): boolean;
  /** An admitted request is in flight from now on, until `end`. */
  begin(): void;
  end(): void;
  /** How many are in flight. */
  inFlight(): number;
}

export interface AdmissionOptions {
  /** Requests that may be in flight at once; in a burst, three times as many. */
  readonly requestsMax: number;
  readonly monotonicMs: () => number;
}

/** For how long there may be three times as many: a burst is served, a flood is not. */
const BURST_MS_MAX = 500;
const BURST_FACTOR = 3;

/** How long there must be fewer before a new burst can begin: batches end by the hundred. */
const REST_MS = 1_000;

/**
 * How long requests may be accepted in one turn of the event loop. The loop reads all sockets that are ready, even thousands,
 * before it runs its timers; refusing requests, which costs little, is what ends the turn.
 */
const TURN_MS_MAX = { burst: 1_000, flood: 250 } as const;

/** In a longer turn, one request in this many is still accepted, because refusals alone may fill it. */
const TAKEN_IN_LONG_TURN = 4;

/** Counts requests in flight, and distinguishes a flood from a burst by its duration. */
export function createAdmission(options: AdmissionOptions): Admission {
  return new Counted(options);
}

class Counted implements Admission {
  readonly #options: AdmissionOptions;
  #inFlight = 0;
  /** When the limit was last reached, and since when without a rest. */
  #crowdedAt = Number.NEGATIVE_INFINITY;
  #crowdedSince = Number.NEGATIVE_INFINITY;
  #turnSince: number | null = null;
  #late = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  shouldShed(): boolean {
    const { requestsMax, monotonicMs } = this.#options;
    const now = monotonicMs();
    if (this.#inFlight >= requestsMax) this.#crowd(now);
    const isFlood = this.#isFlood(now);
    const roomFor = isFlood ? requestsMax : requestsMax * BURST_FACTOR;
    if (this.#inFlight >= roomFor) return true;
    const turnMs = this.#turnMs(now);
    return turnMs > TURN_MS_MAX[isFlood ? 'flood' : 'burst'] && !this.#isTakenLate();
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(): void {
    this.#inFlight -= 1;
  }

  inFlight(): number {
    return this.#inFlight;
  }

  #crowd(now: number): void {
    if (now - this.#crowdedAt > REST_MS) this.#crowdedSince = now;
    this.#crowdedAt = now;
  }

  #isFlood(now: number): boolean {
    return now - this.#crowdedAt <= REST_MS && now - this.#crowdedSince > BURST_MS_MAX;
  }

  #turnMs(now: number): number {
    if (this.#turnSince === null) {
      this.#turnSince = now;
      setImmediate(this.#endTurn);
    }
    return now - this.#turnSince;
  }

  #isTakenLate(): boolean {
    this.#late += 1;
    return this.#late % TAKEN_IN_LONG_TURN === 0;
  }

  readonly #endTurn = (): void => {
    this.#turnSince = null;
    this.#late = 0;
  };
}
