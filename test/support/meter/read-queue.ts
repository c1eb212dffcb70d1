import type { Answer, ReadPath } from '../../../src/meter/read/read-path.js';
import { createReadQueue, type ReadQueue } from '../../../src/meter/read/read-queue.js';
import type { ReadQueueOptions } from '../../../src/meter/read/read-queue-options.js';
import type { OpenStore } from '../../../src/store/store.js';
import { READ_QUEUE } from '../gateway/limits.js';

/** As created by src/commands/open.ts. */
export function readQueueOn(
  { reads, servers }: { readonly reads: ReadPath } & Partial<Pick<OpenStore, 'servers'>>,
  options: Partial<ReadQueueOptions> = {},
): ReadQueue {
  return createReadQueue({ ...READ_QUEUE, ...servers, path: reads, ...options });
}

type Answers = {
  readonly [Name in keyof ReadPath]: (
    ...args: Parameters<ReadPath[Name]>
  ) => Promise<Found<Awaited<ReturnType<ReadPath[Name]>>[number]>[]>;
};

type Found<Given> = Given extends Answer<infer Result> ? Result : never;

/** The read path with all answers evaluated. */
export function answersOf(reads: ReadPath): Answers {
  const called = Object.entries(reads).map(([name, read]) => [
    name,
    async (projectId: string, wanted: never[]) =>
      (await read(projectId, wanted)).map((answer: Answer<unknown>) => lastOf(answer)),
  ]);
  // Each method returns what the type says for its name.
  return Object.fromEntries(called) as Answers;
}

function lastOf<Result>(steps: Answer<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
