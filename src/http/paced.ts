/** Work that gets a share of the event loop's time, a piece at a time, project by project. */
export interface Paced {
  /** Runs it as soon as the share allows. False if the project has too many pieces waiting. */
  add(projectId: string, piece: () => void): boolean;
}

export interface PacedOptions {
  readonly monotonicMs: () => number;
  readonly waitingPerProjectMax: number;
}

/** After a piece, other work gets four times as long as it took, so all pieces take at most a fifth of the time. */
const REST_PER_WORK = 4;

/** A piece must not throw. */
export function createPaced({ monotonicMs, waitingPerProjectMax }: PacedOptions): Paced {
  /** By project; the one whose turn is next is first. */
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

  /** Runs the next project's next piece; then the other projects go first. */
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
