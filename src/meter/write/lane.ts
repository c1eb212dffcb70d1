import type { Command } from './command.js';

/** A queue with one batch in flight: while it commits, the next one is collected. */
export interface Lane {
  push(command: Command<unknown>, now: number): void;
  /** Commands that wait or are being committed. */
  size(): number;
  /** Commands of one project that wait. */
  waiting(projectId: string): number;
  /** How long the project's next command has waited; 0 if none waits. */
  waitedMs(projectId: string, now: number): number;
  /** The same of the command that has waited longest, of any project. */
  oldestWaitMs(now: number): number;
  /** Whether a batch is in flight or about to be. */
  isBusy(): boolean;
  /** Resolves once the lane is empty. */
  drained(): Promise<void>;
}

export interface LaneOptions {
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  /** As how many items a command counts, 1 or more: some take as long to decide as many others. */
  readonly itemsOf: (command: Command<unknown>) => number;
  /** Completes every command of a batch; never rejects. */
  readonly run: (commands: readonly Command<unknown>[]) => Promise<void>;
}

/** For how long a lane remembers that it serves more than one project. */
const SHARED_MS = 10_000;

/** What part of a batch one project may fill on such a lane: the others wait for no more than that. */
const SHARE = 1 / 8;

interface Waiting {
  readonly command: Command<unknown>;
  readonly since: number;
}

/** What may still be added to a batch. */
interface Room {
  readonly items: number;
  readonly bytes: number;
}

/**
 * Group commit without a timer: an idle lane starts at the end of the turn in which a command arrives, so a lone call does
 * not wait, and calls that arrive together share a batch. Projects take turns.
 */
export function createLane(options: LaneOptions): Lane {
  return new ProjectQueues(options);
}

class ProjectQueues implements Lane {
  readonly #options: LaneOptions;
  /** By project; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waits = 0;
  #inFlight = 0;
  #running: Promise<void> | null = null;
  #lastProject: string | null = null;
  #lastPush = 0;
  #sharedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  push(command: Command<unknown>, now: number): void {
    const { projectId } = command.scope;
    if (projectId !== this.#lastProject) {
      if (this.#lastProject !== null) this.#sharedUntil = now + SHARED_MS;
      this.#lastProject = projectId;
    }
    this.#lastPush = now;
    const queue = this.#waiting.get(projectId);
    if (queue === undefined) this.#waiting.set(projectId, [{ command, since: now }]);
    else queue.push({ command, since: now });
    this.#waits += 1;
    this.#running ??= this.#work();
  }

  size(): number {
    return this.#waits + this.#inFlight;
  }

  waiting(projectId: string): number {
    return this.#waiting.get(projectId)?.length ?? 0;
  }

  waitedMs(projectId: string, now: number): number {
    return now - (this.#waiting.get(projectId)?.[0]?.since ?? now);
  }

  oldestWaitMs(now: number): number {
    let oldest = now;
    for (const [first] of this.#waiting.values()) {
      if (first !== undefined && first.since < oldest) oldest = first.since;
    }
    return now - oldest;
  }

  isBusy(): boolean {
    return this.#running !== null;
  }

  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #work(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waits > 0) {
      const batch = this.#nextBatch();
      this.#inFlight = batch.length;
      await this.#options.run(batch);
      this.#inFlight = 0;
    }
    this.#running = null;
  }

  #nextBatch(): Command<unknown>[] {
    const { batchItemsMax: items, batchBytesMax: bytes } = this.#options;
    const part = this.#lastPush < this.#sharedUntil ? SHARE : 1;
    let room: Room = { items, bytes };
    const batch: Command<unknown>[] = [];
    for (const [projectId, queue] of [...this.#waiting]) {
      const share = {
        items: Math.min(room.items, items * part),
        bytes: Math.min(room.bytes, bytes * part),
      };
      const { count, left } = this.#fitting(queue, share, batch.length === 0);
      if (count === 0) continue;
      for (const { command } of queue.slice(0, count)) batch.push(command);
      // The others go first the next time.
      this.#waiting.delete(projectId);
      if (count < queue.length) this.#waiting.set(projectId, queue.slice(count));
      this.#waits -= count;
      room = {
        items: room.items - (share.items - left.items),
        bytes: room.bytes - (share.bytes - left.bytes),
      };
    }
    return batch;
  }

  /** How many of a queue's first commands fit; the very first of a batch always does. */
  #fitting(queue: readonly Waiting[], share: Room, isFirst: boolean) {
    let { items, bytes } = share;
    let count = 0;
    for (const { command } of queue) {
      const weight = this.#options.itemsOf(command);
      const fits = weight <= items && command.bytes <= bytes;
      if (!fits && !(isFirst && count === 0)) break;
      items -= weight;
      bytes -= command.bytes;
      count += 1;
    }
    return { count, left: { items, bytes } };
  }
}
