/** The write queue accepts no more than its limit, and nothing once a command has waited too long. */
import { expect, it } from 'vitest';
import type { WritePath } from '../../src/meter/write/write-path.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { SizedCommand } from '../support/meter/lane-commands.js';

class Keyed extends SizedCommand {
  override readonly scope = { projectId: 'p', customerKey: '00000000' };
}

let now = 0;

/** A queue on a database that never answers. */
function stuckQueue(queueItemsMax: number) {
  const never = () => new Promise<never>(() => undefined);
  const store: WritePath = { catalog: never, load: never, commit: never, transaction: never };
  return createWriteQueue({
    store,
    lanes: 1,
    batchItemsMax: 1,
    batchBytesMax: 1_000,
    queueItemsMax,
    queueWaitMaxMs: 500,
    cachedBalancesMax: 10,
    monotonicMs: () => now,
  });
}

const overloaded = { code: 'OVERLOADED' };

it('a full queue refuses further commands', async () => {
  const queue = stuckQueue(2);
  void queue.submit(new Keyed());
  expect(queue.isOverloaded()).toBe(false);
  void queue.submit(new Keyed());
  expect(queue.isOverloaded()).toBe(true);
  const more = queue.submit(new Keyed());
  await expect(Promise.race([more, Promise.resolve('taken')])).rejects.toMatchObject(overloaded);
});

it('a command is refused while another one has waited too long', async () => {
  now = 1_000;
  const queue = stuckQueue(100);
  void queue.submit(new Keyed());
  now += 500;
  expect(queue.isOverloaded()).toBe(false);
  now += 1;
  expect(queue.isOverloaded()).toBe(true);
  const more = queue.submit(new Keyed());
  await expect(Promise.race([more, Promise.resolve('taken')])).rejects.toMatchObject(overloaded);
});
