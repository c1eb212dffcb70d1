/** Work that is done a step at a time, so that others can have their turn between two steps; the result comes with the last. */
export type Steps<Result> = Generator<void, Result>;

/** Work that is too small to be divided. */
// biome-ignore lint/correctness/useYield: it has no second step.
export function* oneStep<Result>(work: () => Result): Steps<Result> {
  return work();
}

export function* callEach(callbacks: readonly (() => void)[]): Steps<void> {
  for (const [n, callback] of callbacks.entries()) {
    if (n > 0) yield;
    callback();
  }
}
