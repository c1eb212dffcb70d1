/** Tells whether there is room for one more request, before anything of it is read. */
export interface Admission {
  /** Whether to refuse a request that has just come in. */
  isFull(): boolean;
  /** An admitted request is being executed from now on, until `end`. */
  begin(): void;
  end(): void;
}

export interface AdmissionOptions {
  /** Requests that may be executed at once. */
  readonly requestsMax: number;
  readonly monotonicMs: () => number;
}

/**
 * How long one turn of the event loop may go on taking requests freely. The loop reads all sockets that are ready, thousands
 * if need be, before it looks at its timers: what is refused, which costs little, is what brings it to an end.
 */
const TURN_MS_MAX = 250;

/** In a turn that is longer, one request in so many is taken, because it may be refusals that fill it. */
const TAKEN_IN_LONG_TURN = 4;

/**
 * Full means: as many requests are being executed as may be, or the turn of the event loop has lasted for so long that
 * those who wait for the next one come first.
 */
export function createAdmission({ requestsMax, monotonicMs }: AdmissionOptions): Admission {
  let inFlight = 0;
  let turnStartedAt: number | null = null;
  let inLongTurn = 0;
  const endTurn = () => {
    turnStartedAt = null;
    inLongTurn = 0;
  };

  /** Whether the request has come late in a turn and is none of those that are taken nevertheless. */
  function isLate(): boolean {
    const now = monotonicMs();
    if (turnStartedAt === null) {
      turnStartedAt = now;
      setImmediate(endTurn);
    }
    if (now - turnStartedAt <= TURN_MS_MAX) return false;
    inLongTurn += 1;
    return inLongTurn % TAKEN_IN_LONG_TURN !== 0;
  }

  return {
    isFull: () => isLate() || inFlight >= requestsMax,
    begin: () => {
      inFlight += 1;
    },
    end: () => {
      inFlight -= 1;
    },
  };
}
