/** Steps for an exchange stop when it ends. */
import { expect, it } from 'vitest';
import type { Incoming } from '../../src/http/incoming.js';
import { untilEnd } from '../../src/http/until-end.js';
import type { Steps } from '../../src/platform/steps.js';

function start(steps: Steps<string>) {
  const told: unknown[] = [];
  let leave = () => {};
  const incoming = {
    onEnd: (callback: () => void) => {
      leave = callback;
    },
  } as Incoming;
  const then = { next: (value: string) => told.push(value), fail: (e: unknown) => told.push(e) };
  return { running: untilEnd(incoming, steps, then), told, leave: () => leave() };
}

function* counting(done: number[]): Steps<string> {
  for (const step of [1, 2, 3]) {
    done.push(step);
    yield;
  }
  return 'result';
}

it('passes the result on', () => {
  const { running, told } = start(counting([]));
  expect([...running]).toHaveLength(3);
  expect(told).toEqual(['result']);
});

it('does nothing more once the client has left', () => {
  const done: number[] = [];
  const { running, told, leave } = start(counting(done));
  running.next();
  leave();
  expect([...running]).toEqual([]);
  expect(done.length).toBeLessThan(3);
  expect(told).toEqual([]);
});

it('passes a failure on, and throws nothing', () => {
  const error = new Error('broken');
  const failing = (function* (): Steps<string> {
    yield;
    throw error;
  })();
  const { running, told } = start(failing);
  expect([...running]).toHaveLength(1);
  expect(told).toEqual([error]);
});
