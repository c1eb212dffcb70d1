/** Work that is done a piece at a time. */
export interface Piecework {
  /** Does the next `count` pieces, and returns whether there are more. */
  run(count: number): boolean;
  /** Whatever follows from these pieces has also been done. */
  pause(): void;
}

/** Shares out the event loop's time: one slice of work in each of its turns, project by project. */
export interface Turns {
  /** Begins in a later turn, and continues until the work is done. */
  add(projectId: string, work: Piecework): void;
}

export interface TurnsOptions {
  readonly monotonicMs: () => number;
}

/** What one slice should take: whatever else the process has to do waits for no more than that. */
const SLICE_MS = 3;

/** Pieces in the first slice of some work; by how long a slice took, the next one is larger or smaller. */
const PIECES_FIRST = 1;
const PIECES_FACTOR_MAX = 4;
const PIECES_MAX = 4_096;

interface Work {
  readonly piecework: Piecework;
  pieces: number;
}

/**
 * Without slices, a long answer is assembled within one turn of the loop, and until its end no other call is
 * read, committed or answered. What follows from a piece, such as the resolvers that waited for it, runs before the turn goes
 * on, so a slice ends in a second callback, right behind the first.
 */
export function createTurns({ monotonicMs }: TurnsOptions): Turns {
  /** By project; the one whose turn is next comes first. */
  const waiting = new Map<string, Work[]>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    let work: Work | null = null;
    let startedAt = 0;
    setImmediate(() => {
      startedAt = monotonicMs();
      work = takeTurn();
    });
    setImmediate(() => {
      isScheduled = false;
      if (work !== null) {
        work.piecework.pause();
        work.pieces = nextPieces(work.pieces, monotonicMs() - startedAt);
      }
      schedule();
    });
  }

  /** A slice of the next project's next work, which then lets the others go first. */
  function takeTurn(): Work | null {
    const [next] = waiting;
    if (next === undefined) return null;
    const [projectId, [work, ...others]] = next;
    waiting.delete(projectId);
    if (work === undefined) return null;
    const rest = work.piecework.run(work.pieces) ? [...others, work] : others;
    if (rest.length > 0) waiting.set(projectId, rest);
    return work;
  }

  return {
    add(projectId, piecework) {
      const work = { piecework, pieces: PIECES_FIRST };
      const works = waiting.get(projectId);
      if (works === undefined) waiting.set(projectId, [work]);
      else works.push(work);
      schedule();
    },
  };
}

function nextPieces(pieces: number, tookMs: number): number {
  const factor = Math.min(PIECES_FACTOR_MAX, SLICE_MS / tookMs);
  return Math.min(PIECES_MAX, Math.max(1, Math.floor(pieces * factor)));
}
