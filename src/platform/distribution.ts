/** How often values of each size have occurred, as plain numbers: to note one costs a few comparisons. */
export class Distribution {
  /** The upper bounds of the buckets, ascending; beyond the last one, there is one bucket more. */
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** Bounds for durations in seconds; what takes longer is about to be given up. */
export const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Bounds for numbers of items that share a statement. */
export const ITEMS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] as const;
