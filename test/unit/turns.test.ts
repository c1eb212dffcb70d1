/** Long answers share the event loop's time: a slice of one project's work, then one of another's, each of them short. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Steps } from '../../src/platform/steps.js';
import { type AroundSlice, createTurns } from '../../src/platform/turns.js';

let now = 0;
let order: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setImmediate'] });
  now = 0;
  order = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work of a number of steps, each of which takes the given number of milliseconds. */
function work(name: string, steps: number, stepMs = 1): [Steps<void>, AroundSlice] {
  let done = 0;
  function* stepByStep(): Steps<void> {
    for (let step = 1; ; step += 1) {
      now += stepMs;
      done += 1;
      if (step === steps) return;
      yield;
    }
  }
  const around = {
    begin: () => {
      done = 0;
    },
    end: (isLast: boolean) => {
      order.push(`${name}${done}${isLast ? '.' : ''}`);
    },
  };
  return [stepByStep(), around];
}

it('projects take turns, however much work one of them has', () => {
  const turns = createTurns({ monotonicMs: () => now });
  for (const name of ['a', 'A']) turns.add('p', ...work(name, 5, 10));
  turns.add('q', ...work('b', 3, 10));
  vi.runAllTimers();
  expect(order.slice(0, 6)).toEqual(['a1', 'b1', 'A1', 'b1', 'a1', 'b1.']);
  expect(order.slice(6).join(' ')).toBe('A1 a1 A1 a1 A1 a1. A1.');
});

it('a slice takes about three milliseconds, whatever a step takes', () => {
  const turns = createTurns({ monotonicMs: () => now });
  turns.add('p', ...work('a', 100, 0.5));
  vi.runAllTimers();
  // It begins with one step and grows at most fourfold at a time.
  expect(order.slice(0, 4)).toEqual(['a1', 'a4', 'a6', 'a6']);
});

it('a slice of steps that take no time is limited as well', () => {
  const turns = createTurns({ monotonicMs: () => now });
  turns.add('p', ...work('a', 20_000, 0));
  vi.runAllTimers();
  expect(order).toContain('a4096');
  expect(order.filter((slice) => Number.parseInt(slice.slice(1), 10) > 4_096)).toEqual([]);
  expect(order.at(-1)).toMatch(/\.$/);
});

it('a slice ends before the next one begins', () => {
  const turns = createTurns({ monotonicMs: () => now });
  turns.add('p', ...work('a', 2, 10));
  turns.add('q', ...work('b', 1, 10));
  vi.runAllTimers();
  expect(order).toEqual(['a1', 'b1.', 'a1.']);
});
