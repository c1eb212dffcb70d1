/** Whoever answers is left alone, and whoever does not is noticed once. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startHeartbeat } from '../../src/commands/heartbeat.js';

let delayedMs = 0;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(answers: () => boolean) {
  const silent: number[] = [];
  let asked = 0;
  const began = Date.now();
  const heartbeat = startHeartbeat({
    intervalMs: 500,
    timeoutMs: 5_000,
    monotonicMs: () => Date.now() + delayedMs,
    ask: () => {
      asked += 1;
      if (answers()) heartbeat.answered();
    },
    onSilent: () => silent.push(Date.now() - began),
  });
  return { heartbeat, silent, asked: () => asked };
}

it('who answers is left alone', () => {
  const { silent, asked } = start(() => true);
  vi.advanceTimersByTime(60_000);
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 120 });
});

it('who is silent is noticed after the time-out, once', () => {
  let isBlocked = false;
  const { silent } = start(() => !isBlocked);
  vi.advanceTimersByTime(10_000);
  isBlocked = true;
  vi.advanceTimersByTime(60_000);
  expect(silent).toEqual([15_500]);
});

it('who answers late, but in time, is left alone', () => {
  let asked = 0;
  const { silent } = start(() => {
    asked += 1;
    return asked % 10 === 0;
  });
  vi.advanceTimersByTime(60_000);
  expect(silent).toEqual([]);
});

it('nobody is silent on a machine that has no time for anybody', () => {
  const { silent, asked } = start(() => false);
  for (let tick = 0; tick < 100; tick += 1) {
    late(150);
    vi.advanceTimersToNextTimer();
  }
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 100 });
  vi.advanceTimersByTime(60_000);
  expect(silent).toHaveLength(1);
});

/** The clock goes on, and no timer is served. */
function late(ms: number): void {
  delayedMs += ms;
}

it('nobody is asked after it was stopped', () => {
  const { heartbeat, silent, asked } = start(() => false);
  vi.advanceTimersByTime(1_000);
  heartbeat.stop();
  vi.advanceTimersByTime(60_000);
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 2 });
});
