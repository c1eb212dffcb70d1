/** How reads are combined, shared fairly among projects, limited, and answered in time slices. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import { createReadQueue, type ReadQueueOptions } from '../../src/meter/read/read-queue.js';
import { oneStep } from '../../src/platform/steps.js';

/** A statement that has started, and functions to end it. */
interface Statement {
  readonly projectId: string;
  readonly wanted: readonly string[];
  answer(): void;
  fail(error: Error): void;
}

let now = 0;
let statements: Statement[] = [];

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((next) => setImmediate(next));
};

/** Reads a text; the result is the project and the text. */
function kindOf(rows = 1): ReadKind<string, string> {
  return {
    rowsOf: () => rows,
    textOf: (wanted) => wanted,
    load: (_path, projectId, wanted) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(wanted.map((text) => oneStep(() => `${projectId}:${text}`)));
        statements.push({ projectId, wanted, answer, fail: reject });
      }),
    show: (found) => found,
  };
}

const kind = kindOf();

/** A queue whose reads are never abandoned. */
function createQueue(changes: Partial<ReadQueueOptions> = {}) {
  const queue = createReadQueue({
    // The kinds above do not use it.
    path: {} as ReadQueueOptions['path'],
    inFlightMax: 4,
    inFlightPerProjectMax: 2,
    waitingPerProjectMax: 1_000,
    waitMaxMs: 500,
    monotonicMs: () => now,
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

beforeEach(() => {
  now = 0;
  statements = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** Answers statements until none is left; returns their projects in order. */
async function answerAll(): Promise<string[]> {
  const begun: string[] = [];
  for (await turns(2); statements.length > 0; await turns(40)) {
    const [first, ...others] = statements;
    statements = others;
    begun.push(first?.projectId ?? '');
    first?.answer();
  }
  return begun;
}

it('the statements in progress of all projects together are limited', async () => {
  const queue = createQueue({ inFlightMax: 3 });
  const answers = ['p', 'q', 'r', 's', 't'].map((project) => queue.read(kind, project, 'a'));
  await turns(4);
  expect(statements).toHaveLength(3);
  statements.shift()?.answer();
  await turns(40);
  expect(statements).toHaveLength(3);
  await answerAll();
  await Promise.all(answers);
});

describe('reads of one project', () => {
  it('that are requested in one turn form one statement without duplicates', async () => {
    const queue = createQueue();
    const texts = ['a', 'b', 'a'];
    const answers = Promise.all(texts.map((text) => queue.read(kind, 'p', text)));
    await turns(2);
    expect(statements.map(({ wanted }) => wanted)).toEqual([['a', 'b']]);
    statements[0]?.answer();
    expect(await answers).toEqual(['p:a', 'p:b', 'p:a']);
  });

  it('never join a statement in progress, so that they see what was committed before them', async () => {
    const queue = createQueue();
    const first = queue.read(kind, 'p', 'a');
    await turns(2);
    const second = queue.read(kind, 'p', 'a');
    await turns(2);
    expect(statements.map(({ wanted }) => wanted)).toEqual([['a'], ['a']]);
    for (const statement of statements) statement.answer();
    await Promise.all([first, second]);
  });

  it('have a limited number of statements in progress', async () => {
    const queue = createQueue();
    const answers: Promise<string>[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      answers.push(queue.read(kindOf(), 'p', 'a'));
      await turns(2);
    }
    expect(statements).toHaveLength(2);
    await answerAll();
    await Promise.all(answers);
  });

  it('form statements with a limited number of rows', async () => {
    const queue = createQueue();
    const texts = Array.from({ length: 12 }, (_, n) => String(n));
    const pages = kindOf(1_000);
    const answers = Promise.all(texts.map((text) => queue.read(pages, 'p', text)));
    await turns(2);
    expect(statements.map(({ wanted }) => wanted.length)).toEqual([5, 5]);
    await answerAll();
    expect(await answers).toHaveLength(12);
  });

  it('fail with their statement, and later reads succeed', async () => {
    const queue = createQueue();
    const answer = queue.read(kind, 'p', 'a');
    await turns(2);
    statements.pop()?.fail(new Error('broken'));
    await expect(answer).rejects.toThrow('broken');
    const next = queue.read(kind, 'p', 'a');
    await answerAll();
    await expect(next).resolves.toBe('p:a');
  });

  it('that did not fit into the result are read again', async () => {
    const queue = createQueue();
    const once = new Set<string>();
    const shy: ReadKind<string, string> = {
      ...kind,
      show: (found) => (once.has(found) ? found : void once.add(found)),
    };
    const answer = queue.read(shy, 'p', 'a');
    expect(await answerAll()).toEqual(['p', 'p']);
    await expect(answer).resolves.toBe('p:a');
  });
});

describe('projects', () => {
  it('never share a statement', async () => {
    const queue = createQueue();
    const answers = Promise.all(['p', 'q'].map((project) => queue.read(kind, project, 'a')));
    await answerAll();
    expect(await answers).toEqual(['p:a', 'q:a']);
  });

  it('take turns: one with many reads does not keep another one waiting', async () => {
    const queue = createQueue({ inFlightMax: 1, inFlightPerProjectMax: 1 });
    const greedy = Promise.all(
      Array.from({ length: 20 }, (_, n) => queue.read(kindOf(5_000), 'greedy', String(n))),
    );
    await turns(2);
    const modest = queue.read(kind, 'modest', 'a');
    const begun = await answerAll();
    expect(begun.slice(0, 2)).toEqual(['greedy', 'modest']);
    await Promise.all([greedy, modest]);
  });

  it('leave connections for others', async () => {
    const queue = createQueue();
    const greedy = Promise.all(
      Array.from({ length: 20 }, (_, n) => queue.read(kindOf(5_000), 'greedy', String(n))),
    );
    await turns(2);
    const modest = queue.read(kind, 'modest', 'a');
    await turns(2);
    expect(statements.map(({ projectId }) => projectId)).toEqual(['greedy', 'greedy', 'modest']);
    await answerAll();
    await Promise.all([greedy, modest]);
  });
});

describe('waiting', () => {
  const overloaded = { code: 'READS_OVERLOADED' };

  it('is limited in number for each project', async () => {
    const queue = createQueue({ waitingPerProjectMax: 3 });
    const taken = ['a', 'b', 'c'].map((text) => queue.read(kind, 'p', text));
    expect(queue.isOverloaded('p')).toBe(true);
    await expect(queue.read(kind, 'p', 'd')).rejects.toMatchObject(overloaded);
    expect(queue.isOverloaded('q')).toBe(false);
    await answerAll();
    await Promise.all(taken);
    expect(queue.isOverloaded('p')).toBe(false);
  });

  it('is limited in time, even if no statement ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const queue = createQueue({ inFlightPerProjectMax: 1, waitingPerProjectMax: 1 });
    const first = queue.read(kind, 'p', 'a');
    await turns(2);
    const second = queue.read(kind, 'p', 'b').catch((error: unknown) => error);
    now = 501;
    expect(queue.isOverloaded('p')).toBe(true);
    vi.advanceTimersByTime(500);
    expect(await second).toMatchObject(overloaded);
    expect(queue.isOverloaded('p')).toBe(false);
    await answerAll();
    await expect(first).resolves.toBe('p:a');
  });
});

describe('answers', () => {
  it('are processed in slices, with turns for others in between', async () => {
    const queue = createQueue();
    const order: string[] = [];
    const texts = Array.from({ length: 30 }, (_, n) => String(n));
    // Processing an answer takes a millisecond.
    const answers = texts.map((text) =>
      queue.read(kind, 'p', text).then(() => {
        now += 1;
        order.push('answer');
      }),
    );
    await turns(2);
    statements.pop()?.answer();
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
    const queue = createQueue();
    const texts = Array.from({ length: 30 }, (_, n) => String(n));
    const next = kindOf();
    const answers = texts.map(async (text) => {
      await queue.read(kind, 'p', text);
      now += 1;
      return queue.read(next, 'p', text);
    });
    expect(await answerAll()).toEqual(['p', 'p']);
    expect(await Promise.all(answers)).toHaveLength(30);
  });
});

describe('a list', () => {
  it.each([
    ['is short', 25, 97],
    ['has few fields', 500, 2],
  ])('that %s is returned unchanged', (_what, length, fieldsPerItem) => {
    const items = Array.from({ length }, (_, n) => n);
    expect(createQueue().share(items, fieldsPerItem)).toBe(items);
    expect(createQueue().share([...items, 0], fieldsPerItem)).toHaveLength(length + 1);
    expect(createQueue().share([...items, 0], fieldsPerItem)[0]).toBeInstanceOf(Promise);
  });

  it('that is long is processed in order, over several turns', async () => {
    const items = Array.from({ length: 200 }, (_, n) => n);
    const shared = createQueue().share(items, 1_000);
    let given = 0;
    for (const item of shared) {
      void Promise.resolve(item).then(() => {
        given += 1;
        now += 1;
      });
    }
    await turns(3);
    expect(given).toBeLessThan(200);
    expect(await Promise.all(shared)).toEqual(items);
  });
});
