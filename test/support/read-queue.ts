import type { ReadPath } from '../../src/meter/read/read-path.js';
import { createReadQueue, type ReadQueue } from '../../src/meter/read/read-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';

/** As src/commands/open.ts makes it, at the defaults of src/config.ts. */
export function readQueueOn({ reads }: { readonly reads: ReadPath }): ReadQueue {
  return createReadQueue({
    path: reads,
    inFlightMax: 4,
    inFlightPerProjectMax: 2,
    waitingPerProjectMax: 50_000,
    waitMaxMs: 5_000,
    monotonicMs,
  });
}
