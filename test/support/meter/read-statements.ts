/** A read queue whose statements a test answers. */

import type { ReadKind } from '../../../src/meter/read/read-kind.js';
import { createReadQueue } from '../../../src/meter/read/read-queue.js';
import type { ReadQueueOptions } from '../../../src/meter/read/read-queue-options.js';
import { oneStep } from '../../../src/platform/steps.js';

/** A statement that has started, and functions to end it. */
interface Statement {
  readonly projectId: string;
  readonly wanted: readonly string[];
  answer(): void;
  fail(error: Error): void;
}

export const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((next) => setImmediate(next));
};

export class ReadStatements {
  /** What the queue's clock shows, in milliseconds. */
  now = 0;
  /** In progress, in the order in which they started. */
  inProgress: Statement[] = [];
  readonly kind = this.kindOf();

  /** Reads a text; the result is the project and the text. */
  kindOf(
    rows = 1,
    customerKeyOf: ReadKind<string, string>['customerKeyOf'] = () => undefined,
  ): ReadKind<string, string> {
    return {
      rowsOf: () => rows,
      textOf: (wanted) => wanted,
      customerKeyOf,
      load: (_path, projectId, wanted) =>
        new Promise((resolve, reject) => {
          const answer = () => resolve(wanted.map((text) => oneStep(() => `${projectId}:${text}`)));
          this.inProgress.push({ projectId, wanted, answer, fail: reject });
        }),
      show: (found) => found,
    };
  }

  /** A queue whose reads are never abandoned. */
  createQueue(changes: Partial<ReadQueueOptions> = {}) {
    const queue = createReadQueue({
      // The kinds above do not use it.
      path: {} as ReadQueueOptions['path'],
      inFlightMax: 4,
      inFlightPerProjectMax: 2,
      waitingPerProjectMax: 1_000,
      waitMaxMs: 500,
      monotonicMs: () => this.now,
      ...changes,
    });
    return {
      isOverloaded: (projectId: string) => queue.isOverloaded(projectId),
      share: <T>(items: readonly T[], fieldsPerItem: number) =>
        queue.share('p', items, fieldsPerItem),
      read: (kind: ReadKind<string, string>, projectId: string, wanted: string) =>
        queue.read(kind, projectId, wanted, { stopped: null }),
    };
  }

  /** What each of those in progress requests. */
  wanted(): (readonly string[])[] {
    return this.inProgress.map(({ wanted }) => wanted);
  }

  /** Answers statements until none is left; returns their projects in order. */
  async answerAll(): Promise<string[]> {
    const begun: string[] = [];
    for (await turns(2); this.inProgress.length > 0; await turns(40)) {
      const first = this.inProgress.shift();
      begun.push(first?.projectId ?? '');
      first?.answer();
    }
    return begun;
  }
}
