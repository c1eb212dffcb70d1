/** The steps of an exchange stop when it ends. */
import { expect, it } from 'vitest';
import type { Incoming } from '../../src/http/incoming.js';
import { untilEnd } from '../../src/http/until-end.js';
import type { Steps } from '../../src/platform/steps.js';

function start(steps: Steps<string>) {
  const outcomes: unknown[] = [];
  let leave = () => {};
  const incoming = {
    onEnd: (callback: () => void) => {
      leave = callback;
    },
  } as Incoming;
  const then = {
    next: (value: string) => outcomes.push(value),
    fail: (e: unknown) => outcomes.push(e),
  };
  return { running: untilEnd(incoming, steps, then), outcomes, leave: () => leave() };
}

function* counting(done: number[]): Steps<string> {
  for (const step of [1, 2, 3]) {
    done.push(step);
    yield;
  }
  return 'result';
}

it('the result of the steps is passed on', () => {
  const { running, outcomes } = start(counting([]));
  expect([...running]).toHaveLength(3);
  expect(outcomes).toEqual(['result']);
});

it('no more steps run once the client has disconnected', () => {
  const done: number[] = [];
  const { running, outcomes, leave } = start(counting(done));
  running.next();
  leave();
  expect([...running]).toEqual([]);
  expect(done.length).toBeLessThan(3);
  expect(outcomes).toEqual([]);
});

it('a failure is passed on, and nothing is thrown', () => {
  const error = new Error('broken');
  const failing = (function* (): Steps<string> {
    yield;
    throw error;
  })();
  const { running, outcomes } = start(failing);
  expect([...running]).toHaveLength(1);
  expect(outcomes).toEqual([error]);
});
