import type { Job } from './job.js';

/** A queue with one batch in flight: while that commits, the next one gathers. */
export interface Lane {
  push(job: Job, now: number): void;
  /** Jobs that wait or are being committed. */
  size(): number;
  /** How long the job that comes next has waited; 0 where none waits. */
  waitedMs(now: number): number;
  /** Resolves once the lane is empty. */
  drained(): Promise<void>;
}

export interface LaneOptions {
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  /** Answers every job of a batch; never rejects. */
  readonly run: (jobs: readonly Job[]) => Promise<void>;
}

/**
 * Group commit without a timer: an idle lane starts at the end of the turn in which a job arrives, so a lone call waits
 * for nobody, and calls that arrive together share a batch.
 */
export function createLane({ batchItemsMax, batchBytesMax, run }: LaneOptions): Lane {
  let waiting: { readonly job: Job; readonly since: number }[] = [];
  let inFlight = 0;
  let running: Promise<void> | null = null;

  async function work(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = nextBatch();
      inFlight = batch.length;
      await run(batch);
      inFlight = 0;
    }
    running = null;
  }

  function nextBatch(): Job[] {
    let bytes = 0;
    let count = 0;
    for (const { job } of waiting) {
      bytes += job.command.bytes;
      if (count > 0 && (count >= batchItemsMax || bytes > batchBytesMax)) break;
      count += 1;
    }
    const batch = waiting.slice(0, count).map(({ job }) => job);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    push(job, now) {
      waiting.push({ job, since: now });
      running ??= work();
    },
    size: () => waiting.length + inFlight,
    waitedMs: (now) => now - (waiting[0]?.since ?? now),
    drained: async () => {
      while (running !== null) await running;
    },
  };
}
