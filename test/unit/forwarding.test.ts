/** Commands that another gateway decides: who takes them, and what becomes of them if it does not answer. */
import { expect, it } from 'vitest';
import type { Fingerprint } from '../../src/domain/idempotency.js';
import type { Asked, Neighbour } from '../../src/meter/neighbours/neighbour.js';
import type { WritePath } from '../../src/meter/write/write-path.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { SizedCommand } from '../support/meter/lane-commands.js';

const FINGERPRINT: Fingerprint = { operation: 'test' };

/** One that may be sent. */
class Told extends SizedCommand {
  override readonly scope;
  override readonly idempotency;

  constructor(key: string | null = null, projectId = 'p') {
    super();
    this.scope = { projectId, customerKey: '00000000' };
    this.idempotency = key === null ? null : { key, fingerprint: FINGERPRINT };
  }

  override told(): string | null {
    return '"told"';
  }

  override again(stored: unknown, recordedAt: number, replayed: boolean) {
    expect([stored, recordedAt, replayed]).toEqual([{ v: 1 }, 1_000, false]);
    return { ok: true, value: null } as const;
  }
}

class Untold extends Told {
  override told() {
    return null;
  }
}

const never = () => new Promise<never>(() => undefined);

/** A queue whose every customer is a neighbour's. */
function queueBeside({ takes = true, queueItemsMax = 100 } = {}) {
  const asked: Asked[] = [];
  const clock = { now: 0 };
  let here = 0;
  const neighbour: Neighbour = {
    send: (_told, one) => {
      if (takes) asked.push(one);
      return takes;
    },
  };
  const stuck: WritePath = { catalog: never, load: never, commit: never, transaction: never };
  const catalog = () => {
    here += 1;
    return never();
  };
  const queue = createWriteQueue({
    store: { ...stuck, catalog },
    lanes: 1,
    poolMax: 10,
    batchItemsMax: 10,
    batchBytesMax: 10_000,
    queueItemsMax,
    queueWaitMaxMs: 500,
    cachedBalancesMax: 10,
    monotonicMs: () => clock.now,
    neighbours: { ownerOf: () => neighbour, figures: () => ({ known: 1, reachable: 1 }) },
  });
  return { queue, asked, clock, here: () => here };
}

const DONE = [0, 'batch-7', null, { v: 1 }, 1_000, false] as const;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

it('a command is decided by the gateway that its customer belongs to, and its caller learns in which batch', async () => {
  const { queue, asked, here } = queueBeside();
  const batches: string[] = [];
  const result = queue.submit(new Told(), { carriedBy: ({ id }) => batches.push(id) });
  expect(queue.figures().queued).toBe(1);
  asked[0]?.answered(DONE);
  expect(await result).toEqual({ ok: true, value: null });
  expect(batches).toEqual(['batch-7']);
  expect(here()).toBe(0);
  expect(queue.figures()).toMatchObject({ queued: 0, neighbours: { known: 1, reachable: 1 } });
  expect(queue.figures().forwarded.entries()).toContainEqual(['answered', 1]);
});

it('a command of a neighbour is decided here, even if its customer is not of this gateway', async () => {
  const { queue, asked, here } = queueBeside();
  void queue.take(new Told(), {});
  await turn();
  expect({ asked: asked.length, here: here() }).toEqual({ asked: 0, here: 1 });
  expect(queue.figures().ofNeighbours).toBe(1);
});

it.each([
  ['the neighbour does not take it', () => queueBeside({ takes: false }), new Told()],
  ['it is not one that is sent', () => queueBeside(), new Untold()],
])('a command is decided here if %s', async (_why, open, command) => {
  const { queue, asked, here } = open();
  void queue.submit(command);
  await turn();
  expect({ asked: asked.length, here: here() }).toEqual({ asked: 0, here: 1 });
});

it('a command whose neighbour is lost is decided again here if it has a key, and is otherwise of unknown outcome', async () => {
  const { queue, asked, here } = queueBeside();
  const withKey = queue.submit(new Told('k'));
  const without = queue.submit(new Told());
  expect(asked.length).toBe(2);
  for (const one of asked) one.lost();
  await expect(without).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await turn();
  expect(here()).toBe(1);
  expect(await Promise.race([withKey, Promise.resolve('waiting')])).toBe('waiting');
  expect(queue.figures().queued).toBe(1);
});

it('a command that may have been carried out and cannot be decided here either is of unknown outcome', async () => {
  const { queue, asked, clock } = queueBeside();
  const sent = queue.submit(new Told('k'));
  void queue.take(new Told(), {});
  await turn();
  // This one waits, and makes the lane late.
  void queue.take(new Told(), {});
  clock.now = 501;
  asked[0]?.lost();
  const cause = { code: 'OVERLOADED' };
  await expect(sent).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', cause });
});

it.each([
  [
    [1, null, null, { code: 'CUSTOMER_NOT_FOUND', message: 'No.' }],
    { ok: false, refusal: { code: 'CUSTOMER_NOT_FOUND', message: 'No.' } },
  ],
] as const)('a refusal of the neighbour is the answer', async (answer, result) => {
  const { queue, asked } = queueBeside();
  const answered = queue.submit(new Told());
  asked[0]?.answered(answer);
  expect(await answered).toEqual(result);
});

it.each([
  [
    'that says why',
    [2, null, null, 'OVERLOADED', 'Later.', 'too much'],
    { code: 'OVERLOADED', message: 'Later.' },
  ],
  [
    'that is unforeseen',
    [3, null, null, 'Error: broken\n    at there'],
    { stack: 'Error: broken\n    at there' },
  ],
  [
    'that this release does not know',
    [2, null, null, 'NEVER_HEARD', 'No.', null],
    { name: 'Error' },
  ],
  ['in a form that this release does not know', [9], { name: 'Error' }],
])('a failure of the neighbour %s is the failure of the call', async (_what, answer, error) => {
  const { queue, asked } = queueBeside();
  const answered = queue.submit(new Told());
  asked[0]?.answered(answer);
  await expect(answered).rejects.toMatchObject(error);
});

it('commands that neighbours decide take their room in the queue, of their project and of all', async () => {
  const { queue, asked } = queueBeside({ queueItemsMax: 10 });
  const results = Array.from({ length: 9 }, () => queue.submit(new Told()));
  expect(queue.isOverloaded('p')).toBe(true);
  expect(queue.isOverloaded('q')).toBe(false);
  await expect(queue.submit(new Told())).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(asked.length).toBe(9);
  void queue.submit(new Told(null, 'q'));
  await expect(queue.submit(new Told(null, 'r'))).rejects.toMatchObject({ code: 'OVERLOADED' });
  for (const one of asked) one.answered(DONE);
  await Promise.all(results);
  expect(queue.isOverloaded('p')).toBe(false);
});

it('a queue has drained once its neighbours have answered, and not before', async () => {
  const { queue, asked } = queueBeside();
  void queue.submit(new Told());
  let drained = false;
  const draining = queue.drain().then(() => {
    drained = true;
  });
  await turn();
  expect(drained).toBe(false);
  asked[0]?.answered(DONE);
  await draining;
});
