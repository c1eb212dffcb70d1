/** Work that gets a share of the event loop's time, a piece at a time, project by project. */
export interface Paced {
  /** Runs it as soon as the share allows. False if the project has too much waiting. */
  add(projectId: string, piece: Piece, options: PieceOptions): boolean;
}

/** The first of those with the same key must do the work for all of them. False if its client has gone. */
export type Piece = (isFirst: boolean) => boolean;

export interface PieceOptions {
  /** Pieces with the same key wait as one and run together. */
  readonly key?: string | undefined;
  /** How much of what may wait it takes. */
  readonly weight: number;
}

/** What the longest documents, introspections and bodies of many values weigh. */
export const HEAVY = 4;

export interface PacedOptions {
  readonly monotonicMs: () => number;
  /** The weight of all pieces of a project that wait. */
  readonly waitingPerProjectMax: number;
}

/** After a piece, other work gets four times as long as it took, so all pieces take at most a fifth of the time. */
const REST_PER_WORK = 4;

interface Waiting extends PieceOptions {
  readonly pieces: Piece[];
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
    let isFirst = true;
    for (const piece of next()) {
      if (piece(isFirst)) isFirst = false;
    }
    const endedAt = monotonicMs();
    restsUntil = endedAt + (endedAt - startedAt) * REST_PER_WORK;
    schedule();
  }

  /** The next project's next piece, or pieces of one key; then the other projects go first. */
  function next(): readonly Piece[] {
    const [first] = waiting;
    if (first === undefined) return [];
    const [projectId, [taken, ...others]] = first;
    waiting.delete(projectId);
    if (others.length > 0) waiting.set(projectId, others);
    return taken?.pieces ?? [];
  }

  return {
    add(projectId, piece, { key, weight }) {
      const ofProject = waiting.get(projectId) ?? [];
      const same = key === undefined ? undefined : ofProject.find((other) => other.key === key);
      if (same !== undefined) same.pieces.push(piece);
      else if (weightOf(ofProject) + weight <= waitingPerProjectMax) {
        ofProject.push({ key, weight, pieces: [piece] });
      } else return false;
      waiting.set(projectId, ofProject);
      schedule();
      return true;
    },
  };
}

function weightOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { weight }) => sum + weight, 0);
}
