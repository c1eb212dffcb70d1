/** Work that may take a share of the event loop's time, a piece at a time, project by project. */
export interface Paced {
  /** Runs it as soon as the share allows. False where the project has as many pieces waiting as it may. */
  add(projectId: string, piece: () => void): boolean;
}

export interface PacedOptions {
  readonly monotonicMs: () => number;
  readonly waitingPerProjectMax: number;
}

/** After a piece, all others have four times as long as it took: together they take a fifth of the time at most. */
const REST_PER_WORK = 4;

/** A piece must not throw. */
export function createPaced({ monotonicMs, waitingPerProjectMax }: PacedOptions): Paced {
  /** By project; the one whose turn is next comes first. */
  const waiting = new Map<string, (() => void)[]>();
  let isScheduled = false;
  let restsUntil = Number.NEGATIVE_INFINITY;

  function schedule(): void {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    const restMs = restsUntil - monotonicMs();
    if (restMs > 0) setTimeout(run, restMs);
    else setImmediate(run);
  }

  function run(): void {
    isScheduled = false;
    const startedAt = monotonicMs();
    next()?.();
    const endedAt = monotonicMs();
    restsUntil = endedAt + (endedAt - startedAt) * REST_PER_WORK;
    schedule();
  }

  /** The next project's next piece; the project then lets the others go first. */
  function next(): (() => void) | undefined {
    const [first] = waiting;
    if (first === undefined) return undefined;
    const [projectId, [piece, ...others]] = first;
    waiting.delete(projectId);
    if (others.length > 0) waiting.set(projectId, others);
    return piece;
  }

  return {
    add(projectId, piece) {
      const pieces = waiting.get(projectId);
      if (pieces === undefined) waiting.set(projectId, [piece]);
      else if (pieces.length < waitingPerProjectMax) pieces.push(piece);
      else return false;
      schedule();
      return true;
    },
  };
}
