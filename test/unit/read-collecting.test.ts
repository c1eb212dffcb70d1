/** How the reads of a project wait for an answer of their kind, in order to share the next statement. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import type { Steps } from '../../src/platform/steps.js';
import { ReadStatements, turns } from '../support/meter/read-statements.js';

let reads: ReadStatements;

beforeEach(() => {
  reads = new ReadStatements();
});
afterEach(() => {
  vi.useRealTimers();
});

it('reads are collected while an answer of their kind is due, and then form one statement', async () => {
  const queue = reads.createQueue();
  const answers: Promise<string>[] = [];
  for (const text of ['a', 'b', 'c']) {
    answers.push(queue.read(reads.kind, 'p', text));
    await turns(2);
  }
  expect(reads.wanted()).toEqual([['a']]);
  reads.inProgress.shift()?.answer();
  await turns(4);
  expect(reads.wanted()).toEqual([['b', 'c']]);
  await reads.answerAll();
  await Promise.all(answers);
});

it('reads are collected for 10 ms at most', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const queue = reads.createQueue();
  const first = queue.read(reads.kind, 'p', 'a');
  await turns(2);
  const second = queue.read(reads.kind, 'p', 'b');
  await turns(2);
  expect(reads.inProgress).toHaveLength(1);
  reads.now = 10;
  vi.advanceTimersByTime(10);
  expect(reads.wanted()).toEqual([['a'], ['b']]);
  await reads.answerAll();
  await Promise.all([first, second]);
});

it('reads are not forgotten when an earlier answer takes longer to deliver', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const queue = reads.createQueue();
  let isDelivered = false;
  const { kind } = reads;
  const slow: ReadKind<string, string> = {
    ...kind,
    load: async (path, projectId, wanted) =>
      wanted[0] === 'a'
        ? [untilTrue(() => isDelivered, 'p:a')]
        : kind.load(path, projectId, wanted),
  };
  const first = queue.read(slow, 'p', 'a');
  await turns(2);
  const second = queue.read(slow, 'p', 'b');
  await turns(2);
  reads.now = 10;
  vi.advanceTimersByTime(10);
  await turns(2);
  reads.inProgress.shift()?.answer();
  await second;
  await turns(4);
  const third = queue.read(slow, 'p', 'c');
  await turns(2);
  const fourth = queue.read(slow, 'p', 'd');
  isDelivered = true;
  await first;
  expect(await reads.answerAll()).toEqual(['p', 'p']);
  await Promise.all([third, fourth]);
});

it('reads do not wait for an answer of another kind or to another project', async () => {
  const queue = reads.createQueue();
  const first = queue.read(reads.kind, 'p', 'a');
  await turns(2);
  const others = [queue.read(reads.kindOf(), 'p', 'b'), queue.read(reads.kind, 'q', 'c')];
  await turns(2);
  expect(reads.wanted()).toEqual([['a'], ['c'], ['b']]);
  await reads.answerAll();
  await Promise.all([first, ...others]);
});

it('reads are no longer collected after their statement has failed', async () => {
  const queue = reads.createQueue();
  const first = queue.read(reads.kind, 'p', 'a');
  await turns(2);
  const second = queue.read(reads.kind, 'p', 'b');
  await turns(2);
  reads.inProgress.shift()?.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  await turns(2);
  expect(reads.wanted()).toEqual([['b']]);
  await reads.answerAll();
  await second;
});

function* untilTrue(isTrue: () => boolean, result: string): Steps<string> {
  while (!isTrue()) yield;
  return result;
}
