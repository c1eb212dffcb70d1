/** How reads are combined, shared fairly among projects, limited, and answered in time slices. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import { ReadStatements, turns } from '../support/meter/read-statements.js';

let reads: ReadStatements;

beforeEach(() => {
  reads = new ReadStatements();
});
afterEach(() => {
  vi.useRealTimers();
});

it('the statements in progress of all projects together are limited', async () => {
  const queue = reads.createQueue({ inFlightMax: 3 });
  const answers = ['p', 'q', 'r', 's', 't'].map((project) => queue.read(reads.kind, project, 'a'));
  await turns(4);
  expect(reads.inProgress).toHaveLength(3);
  reads.inProgress.shift()?.answer();
  await turns(40);
  expect(reads.inProgress).toHaveLength(3);
  await reads.answerAll();
  await Promise.all(answers);
});

describe('reads of one project', () => {
  it('that are requested in one turn form one statement without duplicates', async () => {
    const queue = reads.createQueue();
    const texts = ['a', 'b', 'a'];
    const answers = Promise.all(texts.map((text) => queue.read(reads.kind, 'p', text)));
    await turns(2);
    expect(reads.wanted()).toEqual([['a', 'b']]);
    reads.inProgress[0]?.answer();
    expect(await answers).toEqual(['p:a', 'p:b', 'p:a']);
  });

  it('never join a statement in progress, so that they see what was committed before them', async () => {
    const queue = reads.createQueue();
    const first = queue.read(reads.kind, 'p', 'a');
    await turns(2);
    const second = queue.read(reads.kind, 'p', 'a');
    expect(await reads.answerAll()).toEqual(['p', 'p']);
    await Promise.all([first, second]);
  });

  it('have a limited number of statements in progress', async () => {
    const queue = reads.createQueue();
    const answers: Promise<string>[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      answers.push(queue.read(reads.kindOf(), 'p', 'a'));
      await turns(2);
    }
    expect(reads.inProgress).toHaveLength(2);
    await reads.answerAll();
    await Promise.all(answers);
  });

  it('form statements with a limited number of rows', async () => {
    const queue = reads.createQueue();
    const texts = Array.from({ length: 12 }, (_, n) => String(n));
    const pages = reads.kindOf(1_000);
    const answers = Promise.all(texts.map((text) => queue.read(pages, 'p', text)));
    await turns(2);
    expect(reads.inProgress.map(({ wanted }) => wanted.length)).toEqual([5, 5]);
    await reads.answerAll();
    expect(await answers).toHaveLength(12);
  });

  it('fail with their statement, and later reads succeed', async () => {
    const queue = reads.createQueue();
    const answer = queue.read(reads.kind, 'p', 'a');
    await turns(2);
    reads.inProgress.pop()?.fail(new Error('broken'));
    await expect(answer).rejects.toThrow('broken');
    const next = queue.read(reads.kind, 'p', 'a');
    await reads.answerAll();
    await expect(next).resolves.toBe('p:a');
  });

  it('that did not fit into the result are read again', async () => {
    const queue = reads.createQueue();
    const once = new Set<string>();
    const shy: ReadKind<string, string> = {
      ...reads.kind,
      show: (found) => (once.has(found) ? found : void once.add(found)),
    };
    const answer = queue.read(shy, 'p', 'a');
    expect(await reads.answerAll()).toEqual(['p', 'p']);
    await expect(answer).resolves.toBe('p:a');
  });
});

describe('projects', () => {
  it('never share a statement', async () => {
    const queue = reads.createQueue();
    const answers = Promise.all(['p', 'q'].map((project) => queue.read(reads.kind, project, 'a')));
    await reads.answerAll();
    expect(await answers).toEqual(['p:a', 'q:a']);
  });

  it('take turns: one with many reads does not keep another one waiting', async () => {
    const queue = reads.createQueue({ inFlightMax: 1, inFlightPerProjectMax: 1 });
    const greedy = Promise.all(
      Array.from({ length: 20 }, (_, n) => queue.read(reads.kindOf(5_000), 'greedy', String(n))),
    );
    await turns(2);
    const modest = queue.read(reads.kind, 'modest', 'a');
    const begun = await reads.answerAll();
    expect(begun.slice(0, 2)).toEqual(['greedy', 'modest']);
    await Promise.all([greedy, modest]);
  });

  it('leave connections for others', async () => {
    const queue = reads.createQueue();
    const greedy = Promise.all(
      Array.from({ length: 20 }, (_, n) => queue.read(reads.kindOf(5_000), 'greedy', String(n))),
    );
    await turns(2);
    const modest = queue.read(reads.kind, 'modest', 'a');
    await turns(2);
    expect(reads.inProgress.map(({ projectId }) => projectId)).toEqual([
      'greedy',
      'greedy',
      'modest',
    ]);
    await reads.answerAll();
    await Promise.all([greedy, modest]);
  });
});

describe('waiting', () => {
  const overloaded = { code: 'READS_OVERLOADED' };

  it('is limited in number for each project', async () => {
    const queue = reads.createQueue({ waitingPerProjectMax: 3 });
    const taken = ['a', 'b', 'c'].map((text) => queue.read(reads.kind, 'p', text));
    expect(queue.isOverloaded('p')).toBe(true);
    await expect(queue.read(reads.kind, 'p', 'd')).rejects.toMatchObject(overloaded);
    expect(queue.isOverloaded('q')).toBe(false);
    await reads.answerAll();
    await Promise.all(taken);
    expect(queue.isOverloaded('p')).toBe(false);
  });

  it('is limited in time, even if no statement ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const queue = reads.createQueue({ inFlightPerProjectMax: 1, waitingPerProjectMax: 1 });
    const first = queue.read(reads.kind, 'p', 'a');
    await turns(2);
    const second = queue.read(reads.kind, 'p', 'b').catch((error: unknown) => error);
    reads.now = 501;
    expect(queue.isOverloaded('p')).toBe(true);
    vi.advanceTimersByTime(500);
    expect(await second).toMatchObject(overloaded);
    expect(queue.isOverloaded('p')).toBe(false);
    await reads.answerAll();
    await expect(first).resolves.toBe('p:a');
  });
});

describe('answers', () => {
  it('are processed in slices, with turns for others in between', async () => {
    const queue = reads.createQueue();
    const order: string[] = [];
    const texts = Array.from({ length: 30 }, (_, n) => String(n));
    // Processing an answer takes a millisecond.
    const answers = texts.map((text) =>
      queue.read(reads.kind, 'p', text).then(() => {
        reads.now += 1;
        order.push('answer');
      }),
    );
    await turns(2);
    reads.inProgress.pop()?.answer();
    for (let turn = 0; turn < 40; turn += 1) {
      await turns(1);
      order.push('|');
    }
    await Promise.all(answers);
    const slices = order
      .join('')
      .split('|')
      .map((slice) => slice.length / 'answer'.length);
    expect(slices.reduce((sum, length) => sum + length, 0)).toBe(30);
    expect(Math.max(...slices)).toBeLessThanOrEqual(4);
  });

  it('that are processed in several slices still lead to a single next statement', async () => {
    const queue = reads.createQueue();
    const texts = Array.from({ length: 30 }, (_, n) => String(n));
    const next = reads.kindOf();
    const answers = texts.map(async (text) => {
      await queue.read(reads.kind, 'p', text);
      reads.now += 1;
      return queue.read(next, 'p', text);
    });
    expect(await reads.answerAll()).toEqual(['p', 'p']);
    expect(await Promise.all(answers)).toHaveLength(30);
  });
});

describe('a list', () => {
  it.each([
    ['is short', 25, 97],
    ['has few fields', 500, 2],
  ])('that %s is returned unchanged', (_what, length, fieldsPerItem) => {
    const items = Array.from({ length }, (_, n) => n);
    expect(reads.createQueue().share(items, fieldsPerItem)).toBe(items);
    expect(reads.createQueue().share([...items, 0], fieldsPerItem)).toHaveLength(length + 1);
    expect(reads.createQueue().share([...items, 0], fieldsPerItem)[0]).toBeInstanceOf(Promise);
  });

  it('that is long is processed in order, over several turns', async () => {
    const items = Array.from({ length: 200 }, (_, n) => n);
    const shared = reads.createQueue().share(items, 1_000);
    let given = 0;
    for (const item of shared) {
      void Promise.resolve(item).then(() => {
        given += 1;
        reads.now += 1;
      });
    }
    await turns(3);
    expect(given).toBeLessThan(200);
    expect(await Promise.all(shared)).toEqual(items);
  });
});
