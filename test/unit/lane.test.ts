/** How long commands wait in a lane, and how it forms batches. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/meter/write/command.js';
import { createLane, type Lane } from '../../src/meter/write/lane.js';
import { SizedCommand } from '../support/meter/lane-commands.js';

/** The size of commands that count as ten. */
const HEAVY = 777;

/** A lane whose batches the test ends. */
function heldLane(batchItemsMax: number, batchBytesMax = 1_000_000) {
  const batches: { readonly commands: readonly Command<unknown>[]; readonly end: () => void }[] =
    [];
  const lane = createLane({
    batchItemsMax,
    batchBytesMax,
    itemsOf: ({ bytes }) => (bytes === HEAVY ? 10 : 1),
    run: (commands) => new Promise((resolve) => batches.push({ commands, end: resolve })),
  });
  return { lane, batches };
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

it('nothing waits in an empty lane, or behind a batch that has taken everything', async () => {
  const { lane, batches } = heldLane(10);
  expect(lane.waitedMs('', 5_000)).toBe(0);
  lane.push(new SizedCommand(), 1_000);
  await aTurn();
  expect(batches).toHaveLength(1);
  expect(lane.waitedMs('', 9_000)).toBe(0);
  expect(lane.size()).toBe(1);
});

it('the waiting time is that of the next command, and ends when its batch starts', async () => {
  const { lane, batches } = heldLane(1);
  lane.push(new SizedCommand(), 1_000);
  await aTurn();
  lane.push(new SizedCommand(), 1_200);
  lane.push(new SizedCommand(), 1_900);
  expect(lane.waitedMs('', 2_000)).toBe(800);
  batches[0]?.end();
  await aTurn();
  expect(batches).toHaveLength(2);
  expect(lane.waitedMs('', 2_000)).toBe(100);
  batches[1]?.end();
  await aTurn();
  batches[2]?.end();
  await lane.drained();
  expect(lane.waitedMs('', 99_000)).toBe(0);
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

/** The number of commands of each project in each batch, until the lane is empty. */
async function countsOf({ lane, batches }: ReturnType<typeof heldLane>) {
  const counts: Record<string, number>[] = [];
  for (let batch = 0; lane.size() > 0; batch += 1) {
    await aTurn();
    const count: Record<string, number> = {};
    for (const { scope } of batches[batch]?.commands ?? []) {
      count[scope.projectId] = (count[scope.projectId] ?? 0) + 1;
    }
    counts.push(count);
    batches[batch]?.end();
    await aTurn();
  }
  return counts;
}

function pushOf(lane: Lane, projectId: string, count: number, now: number, bytes?: number): void {
  for (let n = 0; n < count; n += 1) lane.push(new SizedCommand(bytes, projectId), now);
}

describe('projects that share a lane', () => {
  it('wait for an eighth of a batch of each other, and not for a queue', async () => {
    const held = heldLane(16);
    pushOf(held.lane, 'many', 8, 0);
    pushOf(held.lane, 'few', 3, 0);
    expect(await countsOf(held)).toEqual([
      { many: 2, few: 2 },
      { many: 2, few: 1 },
      { many: 2 },
      { many: 2 },
    ]);
  });

  it('take turns where not all of them fit', async () => {
    const held = heldLane(1);
    for (const project of ['a', 'b', 'c']) pushOf(held.lane, project, 2, 0);
    expect((await countsOf(held)).map((count) => Object.keys(count).join())).toEqual([
      ...['a', 'b', 'c'],
      ...['a', 'b', 'c'],
    ]);
  });

  it('fill whole batches again when there has been no other for long', async () => {
    const held = heldLane(16);
    pushOf(held.lane, 'other', 1, 0);
    pushOf(held.lane, 'many', 1, 0);
    await countsOf(held);
    held.batches.length = 0;
    pushOf(held.lane, 'many', 20, 9_999);
    expect((await countsOf(held))[0]).toEqual({ many: 2 });
    held.batches.length = 0;
    pushOf(held.lane, 'many', 20, 10_000);
    expect(await countsOf(held)).toEqual([{ many: 16 }, { many: 4 }]);
  });

  it('are counted, and wait, each for itself', async () => {
    const { lane } = heldLane(1);
    pushOf(lane, 'a', 1, 500);
    await aTurn();
    pushOf(lane, 'a', 2, 1_000);
    pushOf(lane, 'b', 1, 1_500);
    expect([lane.waiting('a'), lane.waiting('b'), lane.waiting('c')]).toEqual([2, 1, 0]);
    expect(['a', 'b', 'c'].map((project) => lane.waitedMs(project, 2_000))).toEqual([
      1_000, 500, 0,
    ]);
  });
});

it('commands that take long to decide count as many', async () => {
  const held = heldLane(25);
  pushOf(held.lane, 'a', 5, 0, HEAVY);
  pushOf(held.lane, 'a', 30, 0);
  expect(await countsOf(held)).toEqual([{ a: 2 }, { a: 2 }, { a: 16 }, { a: 15 }]);
});
