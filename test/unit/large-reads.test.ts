/** Large reads: how many of a project have begun, by what they may cost, and how long the others wait. */
import { expect, it } from 'vitest';
import { createLargeReads, LARGE_READS_COST_MAX } from '../../src/meter/read/large-reads.js';

const WAIT_MAX_MS = 5_000;

/** What one costs if a whole number of them may have begun at once. */
const HALF = LARGE_READS_COST_MAX / 2;

function start(waitMaxMs = WAIT_MAX_MS) {
  let now = 0;
  const gate = createLargeReads({ waitMaxMs, monotonicMs: () => now });
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  /** The project's read with this number, such as `a1`. */
  const add = (name: string, weight = LARGE_READS_COST_MAX) => {
    const asker = { stopped: null as Error | null };
    const visitor = { projectId: name.slice(0, 1), asker, weight };
    const result = gate.pass(visitor, () => {
      log.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
    const over = result.catch(({ code, message }) => log.push(`${name} ${code ?? message}`));
    /** Its client goes away. */
    const leave = async () => {
      asker.stopped = new Error('left');
      gate.leave(visitor);
      await aTurn();
    };
    return { over, leave };
  };
  return {
    add,
    end: async (name: string) => {
      ends.get(name)?.();
      await aTurn();
    },
    expireAt: async (ms: number) => {
      now = ms;
      gate.expire();
      await aTurn();
    },
    /** What has happened since it was last called. */
    log: () => log.splice(0),
  };
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

it('those of a project that have begun may cost so much together; the next begin as others end', async () => {
  const { add, end, log } = start();
  for (const name of ['a1', 'a2', 'a3', 'a4']) add(name, HALF);
  expect(log()).toEqual(['a1', 'a2']);
  await end('a2');
  expect(log()).toEqual(['a3']);
  await end('a1');
  expect(log()).toEqual(['a4']);
});

it('one that alone costs more begins once nothing else is in progress', async () => {
  const { add, end, log } = start();
  add('a1', 10);
  add('a2', LARGE_READS_COST_MAX * 3);
  add('a3', 10);
  expect(log()).toEqual(['a1']);
  await end('a1');
  expect(log()).toEqual(['a2']);
  await end('a2');
  expect(log()).toEqual(['a3']);
});

it('all that there is room for begin when a heavy one ends, and a light one does not overtake', async () => {
  const { add, end, log } = start();
  for (const [name, weight] of [
    ['a1', LARGE_READS_COST_MAX - 10],
    ['a2', HALF],
    ['a3', 10],
    ['a4', 10],
    ['a5', HALF],
  ] as const)
    add(name, weight);
  expect(log()).toEqual(['a1']);
  await end('a1');
  expect(log()).toEqual(['a2', 'a3', 'a4']);
  await end('a3');
  expect(log()).toEqual([]);
  await end('a4');
  expect(log()).toEqual(['a5']);
});

it('projects do not wait for each other, however many there are', async () => {
  const { add, log } = start();
  const projects = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const project of projects) for (const n of [1, 2, 3]) add(`${project}${n}`);
  expect(log()).toEqual(projects.map((project) => `${project}1`));
});

it('one whose client has gone leaves the queue at once, and those behind it begin if there is room', async () => {
  const { add, end, log } = start();
  add('a1', HALF);
  const second = add('a2');
  add('a3', HALF);
  expect(log()).toEqual(['a1']);
  await second.leave();
  expect(log()).toEqual(['a3', 'a2 left']);
  await end('a1');
  await end('a3');
  expect(log()).toEqual([]);
});

it('one that has begun keeps its room until its work has ended, even if its client has gone', async () => {
  const { add, end, log } = start();
  const first = add('a1');
  add('a2');
  await first.leave();
  expect(log()).toEqual(['a1']);
  await end('a1');
  expect(log()).toEqual(['a2']);
});

it('one that has waited for the longest time allowed is refused, and the others go on', async () => {
  const { add, end, expireAt, log } = start();
  add('a1');
  add('a2');
  add('b1');
  add('b2');
  await expireAt(1_000);
  add('a3');
  await expireAt(WAIT_MAX_MS - 1);
  expect(log()).toEqual(['a1', 'b1']);
  await expireAt(WAIT_MAX_MS);
  expect(log()).toEqual(['a2 READS_OVERLOADED', 'b2 READS_OVERLOADED']);
  await expireAt(WAIT_MAX_MS + 999);
  await end('a1');
  expect(log()).toEqual(['a3']);
  await expireAt(WAIT_MAX_MS * 9);
  expect(log()).toEqual([]);
});

it('lighter ones that a refused one kept waiting begin', async () => {
  const { add, expireAt, log } = start();
  add('a1', HALF);
  add('a2');
  await expireAt(1);
  add('a3', HALF);
  await expireAt(WAIT_MAX_MS);
  expect(log()).toEqual(['a1', 'a3', 'a2 READS_OVERLOADED']);
});

it('a timer refuses it', async () => {
  const real = createLargeReads({ waitMaxMs: 1, monotonicMs: () => performance.now() });
  const visitor = () => ({ projectId: 'a', asker: undefined, weight: LARGE_READS_COST_MAX });
  let isBegun = false;
  void real.pass(visitor(), () => new Promise(() => undefined));
  const begin = () => {
    isBegun = true;
  };
  const refused = { code: 'READS_OVERLOADED' };
  const second = expect(real.pass(visitor(), begin)).rejects.toMatchObject(refused);
  await second;
  // Also once the timer has run out before.
  await expect(real.pass(visitor(), begin)).rejects.toMatchObject(refused);
  expect(isBegun).toBe(false);
});
