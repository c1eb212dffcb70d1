/** A worker that answers is left alone, and one that does not is reported once. */
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

it('a worker that answers is not reported', () => {
  const { silent, asked } = start(() => true);
  vi.advanceTimersByTime(60_000);
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 120 });
});

it('a silent worker is reported after the timeout, once', () => {
  let isBlocked = false;
  const { silent } = start(() => !isBlocked);
  vi.advanceTimersByTime(10_000);
  isBlocked = true;
  vi.advanceTimersByTime(60_000);
  expect(silent).toEqual([15_500]);
});

it('a worker that answers late, but before the timeout, is not reported', () => {
  let asked = 0;
  const { silent } = start(() => {
    asked += 1;
    return asked % 10 === 0;
  });
  vi.advanceTimersByTime(60_000);
  expect(silent).toEqual([]);
});

it('no worker is reported on a machine that is too busy for the primary as well', () => {
  const { silent, asked } = start(() => false);
  for (let tick = 0; tick < 100; tick += 1) {
    late(150);
    vi.advanceTimersToNextTimer();
  }
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 100 });
  vi.advanceTimersByTime(60_000);
  expect(silent).toHaveLength(1);
});

/** The clock advances without timers being served. */
function late(ms: number): void {
  delayedMs += ms;
}

it('no worker is pinged after the heartbeat was stopped', () => {
  const { heartbeat, silent, asked } = start(() => false);
  vi.advanceTimersByTime(1_000);
  heartbeat.stop();
  vi.advanceTimersByTime(60_000);
  expect({ silent, asked: asked() }).toEqual({ silent: [], asked: 2 });
});
