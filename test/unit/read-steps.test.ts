/** The rows of a large read are decoded in slices, and no more of them once the read is abandoned. */
import { expect, it } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import type { ReadPath } from '../../src/meter/read/read-path.js';
import { createReadQueue } from '../../src/meter/read/read-queue.js';
import type { Steps } from '../../src/platform/steps.js';

const ROWS = 30;

/** Reads a text; each row of the answer takes a millisecond. */
function start(load: () => Promise<void>) {
  let rows = 0;
  function* rowByRow(text: string): Steps<string> {
    for (; rows < ROWS; rows += 1) yield;
    return text;
  }
  const kind: ReadKind<string, string> = {
    rowsOf: () => 1,
    textOf: (wanted) => wanted,
    customerKeyOf: () => undefined,
    load: async (_path, _projectId, wanted) => {
      await load();
      return wanted.map(rowByRow);
    },
    show: (found) => found,
  };
  const queue = createReadQueue({
    // The kind does not use it.
    path: {} as ReadPath,
    inFlightMax: 1,
    inFlightPerProjectMax: 1,
    waitingPerProjectMax: 10,
    waitMaxMs: 500,
    monotonicMs: () => rows,
  });
  const asker: { stopped: Error | null } = { stopped: null };
  return { answer: queue.read(kind, 'p', 'a', asker), asker, rows: () => rows };
}

const turn = () => new Promise((next) => setImmediate(next));

it('the rows of a large read are decoded a few at a time', async () => {
  const { answer, rows } = start(async () => {});
  let most = 0;
  for (let turns = 0; turns < 60; turns += 1) {
    const before = rows();
    await turn();
    most = Math.max(most, rows() - before);
  }
  expect(await answer).toBe('a');
  expect(rows()).toBe(ROWS);
  expect(most).toBeLessThanOrEqual(4);
});

it('the rows of an abandoned read are not decoded', async () => {
  const { answer, asker, rows } = start(async () => {
    asker.stopped = new Error('stopped');
  });
  await expect(answer).rejects.toThrow('stopped');
  expect(rows()).toBe(0);
});
