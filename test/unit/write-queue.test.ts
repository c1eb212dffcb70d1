/** The write queue accepts no more than its limit, and nothing once a command has waited too long. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/domain/feature.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import type { WritePath } from '../../src/meter/write/write-path.js';
import { createWriteQueue, type WriteQueueOptions } from '../../src/meter/write/write-queue.js';
import { SizedCommand } from '../support/meter/lane-commands.js';

class Keyed extends SizedCommand {
  override readonly scope;

  constructor(projectId = 'p', customerKey = '00000000') {
    super();
    this.scope = { projectId, customerKey };
  }
}

let now = 0;

const never = () => new Promise<never>(() => undefined);

/** A queue on a database that never answers, except as given. */
function stuckQueue(
  queueItemsMax: number,
  answers: Partial<WritePath> = {},
  servers: Pick<WriteQueueOptions, 'places' | 'serverOfPlace'> = {},
) {
  const stuck: WritePath = { catalog: never, load: never, commit: never, transaction: never };
  return createWriteQueue({
    store: { ...stuck, ...answers },
    lanes: 1,
    poolMax: 10,
    batchItemsMax: 1,
    batchBytesMax: 1_000,
    queueItemsMax,
    queueWaitMaxMs: 500,
    cachedBalancesMax: 10,
    monotonicMs: () => now,
    ...servers,
  });
}

const overloaded = { code: 'OVERLOADED' };

it('a full queue refuses further commands', async () => {
  const queue = stuckQueue(2);
  void queue.submit(new Keyed());
  expect(queue.isOverloaded('p')).toBe(false);
  void queue.submit(new Keyed());
  expect(queue.isOverloaded('p')).toBe(true);
  const more = queue.submit(new Keyed());
  await expect(Promise.race([more, Promise.resolve('taken')])).rejects.toMatchObject(overloaded);
});

it('a queue that several projects have filled together refuses further commands of all of them', async () => {
  const queue = stuckQueue(4);
  for (const project of ['p', 'p', 'q', 'q']) {
    expect(queue.isOverloaded('r')).toBe(false);
    void queue.submit(new Keyed(project));
  }
  for (const project of ['p', 'q', 'r']) {
    expect(queue.isOverloaded(project)).toBe(true);
    const more = queue.submit(new Keyed(project));
    await expect(Promise.race([more, Promise.resolve('taken')])).rejects.toMatchObject(overloaded);
  }
});

it('a command is refused while another one has waited too long', async () => {
  now = 1_000;
  const queue = stuckQueue(100);
  void queue.submit(new Keyed());
  now += 500;
  expect(queue.isOverloaded('p')).toBe(false);
  now += 1;
  expect(queue.isOverloaded('p')).toBe(true);
  const more = queue.submit(new Keyed());
  await expect(Promise.race([more, Promise.resolve('taken')])).rejects.toMatchObject(overloaded);
});

it('what waits for one server keeps no commands of others out', async () => {
  const names = ['home', 'east', 'home', 'east'];
  const serverOfPlace = (place: number) => names[place] ?? '';
  const queue = stuckQueue(2, {}, { places: names.length, serverOfPlace });
  const ofPlace = (place: number) =>
    queue.submit(new Keyed('p', `${(4 * place).toString(16)}0000000`));
  for (const place of [1, 3]) void ofPlace(place);
  const overServer = Promise.race([ofPlace(3), Promise.resolve('taken')]);
  await expect(overServer).rejects.toMatchObject(overloaded);
  expect(queue.isOverloaded('p')).toBe(false);
  await expect(Promise.race([ofPlace(0), Promise.resolve('taken')])).resolves.toBe('taken');
});

it('a write queue has drained once everything submitted has its result, and not before', async () => {
  const fails: (() => void)[] = [];
  const catalog = () =>
    new Promise<never>((_resolve, reject) => {
      fails.push(() => reject(new UnavailableError('DATABASE_UNAVAILABLE')));
    });
  const queue = stuckQueue(100, { catalog });
  const results = [1, 2].map(() => queue.submit(new Keyed()).catch(({ code }) => code));
  let isDrained = false;
  const drained = queue.drain().then(() => {
    isDrained = true;
  });
  for (let batch = 1; batch <= 2; batch += 1) {
    await expect.poll(() => fails.length).toBe(batch);
    expect(isDrained).toBe(false);
    fails.at(-1)?.();
  }
  await drained;
  expect(await Promise.all(results)).toEqual(['DATABASE_UNAVAILABLE', 'DATABASE_UNAVAILABLE']);
});

describe('the cached catalogues', () => {
  it('have a limited number of features together', async () => {
    const features = Array.from({ length: 1_000 }, (_, number) => ({
      id: `f${number}`,
      name: 'f',
      type: 'CONSUMABLE' as const,
      eventNames: [],
      creditCosts: [],
      isArchived: false,
    }));
    const catalog = catalogOf(1, features);
    const { catalogs } = stuckQueue(1, { catalog: async () => catalog });
    // Each catalogue counts as one more feature, so the hundredth is over the limit.
    for (let number = 1; number <= 100; number += 1) await catalogs.find(`p${number}`);
    expect([1, 2, 100].map((number) => catalogs.get(`p${number}`))).toEqual([
      undefined,
      catalog,
      catalog,
    ]);
  });
});

it('no project takes all of the queue, nor keeps others from it by its waiting', async () => {
  now = 1_000;
  const queue = stuckQueue(100);
  // The first one is being committed, and waits no more.
  const given = Array.from({ length: 100 }, () => queue.submit(new Keyed()).catch(() => 'refused'));
  expect(queue.isOverloaded('p')).toBe(true);
  expect(queue.isOverloaded('other')).toBe(false);
  await expect(given.at(-1)).resolves.toBe('refused');
  now += 501;
  expect(queue.isOverloaded('other')).toBe(false);
});
