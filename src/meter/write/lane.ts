import type { Command } from './command.js';

/** A queue with one batch in flight: while it commits, the next one is collected. */
export interface Lane {
  push(command: Command<unknown>, now: number): void;
  /** Commands that wait or are being committed. */
  size(): number;
  /** How long the next command has waited; 0 if none waits. */
  waitedMs(now: number): number;
  /** Resolves once the lane is empty. */
  drained(): Promise<void>;
}

export interface LaneOptions {
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  /** Completes every command of a batch; never rejects. */
  readonly run: (commands: readonly Command<unknown>[]) => Promise<void>;
}

/**
 * Group commit without a timer: an idle lane starts at the end of the turn in which a command arrives, so a lone call does
 * not wait, and calls that arrive together share a batch.
 */
export function createLane({ batchItemsMax, batchBytesMax, run }: LaneOptions): Lane {
  let waiting: { readonly command: Command<unknown>; readonly since: number }[] = [];
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

  function nextBatch(): Command<unknown>[] {
    let bytes = 0;
    let count = 0;
    for (const { command } of waiting) {
      bytes += command.bytes;
      if (count > 0 && (count >= batchItemsMax || bytes > batchBytesMax)) break;
      count += 1;
    }
    const batch = waiting.slice(0, count).map(({ command }) => command);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    push(command, now) {
      waiting.push({ command, since: now });
      running ??= work();
    },
    size: () => waiting.length + inFlight,
    waitedMs: (now) => now - (waiting[0]?.since ?? now),
    drained: async () => {
      while (running !== null) await running;
    },
  };
}
