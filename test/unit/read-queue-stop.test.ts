/** A read that is abandoned before its statement starts is not executed. */
import { expect, it } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import type { ReadPath } from '../../src/meter/read/read-path.js';
import { createReadQueue } from '../../src/meter/read/read-queue.js';
import { oneStep } from '../../src/platform/steps.js';

const PATH = {} as ReadPath;

it('an abandoned read is omitted from its statement, and causes none by itself', async () => {
  const statements: (readonly string[])[] = [];
  const kind: ReadKind<string, string> = {
    rowsOf: () => 1,
    textOf: (wanted) => wanted,
    customerKeyOf: () => undefined,
    load: async (_path, _projectId, wanted) => {
      statements.push(wanted);
      return wanted.map((text) => oneStep(() => `found ${text}`));
    },
    show: (found) => found,
  };
  const queue = createReadQueue({
    path: PATH,
    inFlightMax: 4,
    inFlightPerProjectMax: 2,
    waitingPerProjectMax: 100,
    waitMaxMs: 5_000,
    monotonicMs: () => 0,
  });
  const asker: { stopped: Error | null } = { stopped: null };
  const abandoned = [queue.read(kind, 'p', 'a', asker), queue.read(kind, 'q', 'b', asker)];
  const kept = queue.read(kind, 'p', 'c', { stopped: null });
  const outcomes = Promise.allSettled([...abandoned, kept]);
  asker.stopped = new Error('given up');
  expect(await outcomes).toEqual([
    { status: 'rejected', reason: asker.stopped },
    { status: 'rejected', reason: asker.stopped },
    { status: 'fulfilled', value: 'found c' },
  ]);
  expect(statements).toEqual([['c']]);
});
