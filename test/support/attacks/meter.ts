/** What work costs this process: processor time, turns of the event loop, statements and memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { type MockInstance, vi } from 'vitest';

export interface Cost {
  /** Processor time in microseconds: of everything, and the most between two turns of the event loop. */
  readonly work: number;
  readonly turn: number;
  readonly statements: number;
  readonly peakBytes: number;
}

const TICK_MS = 1;

/** Counts statements from now until it is closed. */
export class CostMeter {
  readonly #queries: MockInstance = vi.spyOn(pg.Pool.prototype, 'query');

  async measure<T>(work: () => Promise<T>): Promise<{ result: T; cost: Cost }> {
    this.#queries.mockClear();
    const memoryBefore = usedBytes();
    const workBefore = processorTime();
    let latest = workBefore;
    let [turn, memory] = [0, 0];
    const look = () => {
      const now = processorTime();
      turn = Math.max(turn, now - latest);
      memory = Math.max(memory, usedBytes());
      latest = processorTime();
    };
    const ticks = setInterval(look, TICK_MS);
    const result = await work().finally(() => clearInterval(ticks));
    look();
    const cost = {
      work: latest - workBefore,
      turn,
      statements: this.#queries.mock.calls.length,
      peakBytes: memory - memoryBefore,
    };
    return { result, cost };
  }

  close(): void {
    this.#queries.mockRestore();
  }
}

/** In microseconds. Other processes on the machine do not count, unlike with a clock. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The bytes that cannot be freed. */
export function keptBytes(): number {
  collectGarbage();
  // What buffers had outside of the heap may be freed in the background: the next collection waits for that.
  collectGarbage();
  return usedBytes();
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
setFlagsFromString('--no-expose-gc');
