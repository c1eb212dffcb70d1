import type { Answer, ReadPath } from '../../src/meter/read/read-path.js';
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

type Answers = {
  readonly [Name in keyof ReadPath]: (
    ...args: Parameters<ReadPath[Name]>
  ) => Promise<ReturnType<Awaited<ReturnType<ReadPath[Name]>>[number]>[]>;
};

/** The read path with all answers called for. */
export function answersOf(reads: ReadPath): Answers {
  const called = Object.entries(reads).map(([name, read]) => [
    name,
    async (projectId: string, wanted: never[]) =>
      (await read(projectId, wanted)).map((answer: Answer<unknown>) => answer()),
  ]);
  // Each method gives what the type says of its name.
  return Object.fromEntries(called) as Answers;
}
