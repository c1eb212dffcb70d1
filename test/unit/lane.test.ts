/** How long commands wait in a lane, and how it forms batches. */
import { expect, it } from 'vitest';
import type { Command } from '../../src/meter/write/command.js';
import { createLane } from '../../src/meter/write/lane.js';
import { SizedCommand } from '../support/meter/lane-commands.js';

/** A lane whose batches the test ends. */
function heldLane(batchItemsMax: number, batchBytesMax = 1_000_000) {
  const batches: { readonly commands: readonly Command<unknown>[]; readonly end: () => void }[] =
    [];
  const lane = createLane({
    batchItemsMax,
    batchBytesMax,
    run: (commands) => new Promise((resolve) => batches.push({ commands, end: resolve })),
  });
  return { lane, batches };
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

it('nothing waits in an empty lane, or behind a batch that has taken everything', async () => {
  const { lane, batches } = heldLane(10);
  expect(lane.waitedMs(5_000)).toBe(0);
  lane.push(new SizedCommand(), 1_000);
  await aTurn();
  expect(batches).toHaveLength(1);
  expect(lane.waitedMs(9_000)).toBe(0);
  expect(lane.size()).toBe(1);
});

it('the waiting time is that of the next command, and ends when its batch starts', async () => {
  const { lane, batches } = heldLane(1);
  lane.push(new SizedCommand(), 1_000);
  await aTurn();
  lane.push(new SizedCommand(), 1_200);
  lane.push(new SizedCommand(), 1_900);
  expect(lane.waitedMs(2_000)).toBe(800);
  batches[0]?.end();
  await aTurn();
  expect(batches).toHaveLength(2);
  expect(lane.waitedMs(2_000)).toBe(100);
  batches[1]?.end();
  await aTurn();
  batches[2]?.end();
  await lane.drained();
  expect(lane.waitedMs(99_000)).toBe(0);
  expect(lane.size()).toBe(0);
});

it('a batch has a limited number of commands and bytes, and a command over the limit is alone', async () => {
  const { lane, batches } = heldLane(3, 1_000);
  const push = (...sizes: readonly number[]) => {
    for (const bytes of sizes) lane.push(new SizedCommand(bytes), 0);
  };
  push(10, 10, 10, 10, 990, 5, 2_000, 1);
  const sizes: number[][] = [];
  for (let batch = 0; lane.size() > 0; batch += 1) {
    await aTurn();
    sizes.push(batches[batch]?.commands.map(({ bytes }) => bytes) ?? []);
    batches[batch]?.end();
    await aTurn();
  }
  expect(sizes).toEqual([[10, 10, 10], [10, 990], [5], [2_000], [1]]);
});

it('a lane is drained once its last batch has ended, and not before', async () => {
  const { lane, batches } = heldLane(1);
  for (let command = 0; command < 2; command += 1) lane.push(new SizedCommand(), 0);
  let isDrained = false;
  const drained = lane.drained().then(() => {
    isDrained = true;
  });
  for (let batch = 0; batch < 2; batch += 1) {
    await aTurn();
    await aTurn();
    expect([batches.length, isDrained]).toEqual([batch + 1, false]);
    batches[batch]?.end();
  }
  await drained;
  await lane.drained();
});
