import type { Steps } from '../../platform/steps.js';
import { createTurns, type Turns } from '../../platform/turns.js';

/** What answers lead to, such as the resolvers that waited for them, is done in slices of time. */
export class AnswerSlices {
  readonly #turns: Turns;
  /** What a slice of answers asks for in turn; it waits for the other slices, to be read together. Null outside of slices. */
  following: (() => void)[] | null = null;

  constructor({ monotonicMs }: { readonly monotonicMs: () => number }) {
    this.#turns = createTurns({ monotonicMs });
  }

  add(projectId: string, steps: Steps<void>, onEnd?: () => void): void {
    const following: (() => void)[] = [];
    this.#turns.add(projectId, steps, {
      begin: () => {
        this.following = following;
      },
      end: (isLast) => {
        this.following = null;
        if (!isLast) return;
        for (const push of following) push();
        onEnd?.();
      },
    });
  }
}
