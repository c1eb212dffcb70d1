/** Work that gets a share of the event loop's time, a piece at a time, project by project. */
export interface Paced {
  /**
   * Runs it as soon as the share allows. False if the project has too many pieces waiting. Pieces with the same key count as one
   * and run together, so the first must do the work for all of them.
   */
  add(projectId: string, piece: () => void, key?: string): boolean;
}

export interface PacedOptions {
  readonly monotonicMs: () => number;
  readonly waitingPerProjectMax: number;
}

/** After a piece, other work gets four times as long as it took, so all pieces take at most a fifth of the time. */
const REST_PER_WORK = 4;

interface Waiting {
  readonly key: string | undefined;
  readonly pieces: (() => void)[];
}

/** A piece must not throw. */
export function createPaced({ monotonicMs, waitingPerProjectMax }: PacedOptions): Paced {
  /** By project; the one whose turn is next is first. */
  const waiting = new Map<string, Waiting[]>();
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
    for (const piece of next()) piece();
    const endedAt = monotonicMs();
    restsUntil = endedAt + (endedAt - startedAt) * REST_PER_WORK;
    schedule();
  }

  /** The next project's next piece, or pieces of one key; then the other projects go first. */
  function next(): readonly (() => void)[] {
    const [first] = waiting;
    if (first === undefined) return [];
    const [projectId, [taken, ...others]] = first;
    waiting.delete(projectId);
    if (others.length > 0) waiting.set(projectId, others);
    return taken?.pieces ?? [];
  }

  return {
    add(projectId, piece, key) {
      const ofProject = waiting.get(projectId) ?? [];
      const same = key === undefined ? undefined : ofProject.find((other) => other.key === key);
      if (same !== undefined) same.pieces.push(piece);
      else if (ofProject.length < waitingPerProjectMax) ofProject.push({ key, pieces: [piece] });
      else return false;
      waiting.set(projectId, ofProject);
      schedule();
      return true;
    },
  };
}
