import type { Steps } from './steps.js';

/** Shares out the event loop's time: one slice of work in each of its turns, project by project. */
export interface Turns {
  /** Begins in a later turn, and continues until the work is done. The steps must not throw. */
  add(projectId: string, steps: Steps<void>, around?: AroundSlice): void;
}

/** What happens before and after each slice of some work. */
export interface AroundSlice {
  begin(): void;
  /** Whatever follows from the slice has also been done. */
  end(isLast: boolean): void;
}

export interface TurnsOptions {
  readonly monotonicMs: () => number;
}

/** What one slice should take: whatever else the process has to do waits for no more than that. */
const SLICE_MS = 3;

/** Steps in the first slice of some work; by how long a slice took, the next one is larger or smaller. */
const STEPS_FIRST = 1;
const STEPS_FACTOR_MAX = 4;
const STEPS_MAX = 4_096;

interface Work {
  readonly steps: Steps<void>;
  readonly around: AroundSlice | undefined;
  /** How many the next slice does. */
  count: number;
  isDone: boolean;
}

/**
 * Without slices, a long answer is assembled within one turn of the loop, and until its end no other call is
 * read, committed or answered. What follows from a step, such as the resolvers that waited for it, runs before the turn goes
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
        work.around?.end(work.isDone);
        work.count = nextCount(work.count, monotonicMs() - startedAt);
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
    work.around?.begin();
    for (let done = 0; done < work.count && !work.isDone; done += 1) {
      work.isDone = work.steps.next().done === true;
    }
    const rest = work.isDone ? others : [...others, work];
    if (rest.length > 0) waiting.set(projectId, rest);
    return work;
  }

  return {
    add(projectId, steps, around) {
      const work = { steps, around, count: STEPS_FIRST, isDone: false };
      const works = waiting.get(projectId);
      if (works === undefined) waiting.set(projectId, [work]);
      else works.push(work);
      schedule();
    },
  };
}

function nextCount(count: number, tookMs: number): number {
  const factor = Math.min(STEPS_FACTOR_MAX, SLICE_MS / tookMs);
  return Math.min(STEPS_MAX, Math.max(1, Math.floor(count * factor)));
}
