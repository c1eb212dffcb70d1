import { describe, expect, it } from 'vitest';
import { createRestartLimit, RESTART_WINDOW_MS } from '../../src/platform/restart-limit.js';

/** A limit with an adjustable clock. */
function limit(restartsMax: number) {
  let now = 0;
  const { nextDelayMs } = createRestartLimit({ restartsMax, monotonicMs: () => now });
  return {
    nextDelayMs,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('restarts', () => {
  it('happen at once at first, then after growing delays of at most five seconds', () => {
    const { nextDelayMs } = limit(10);
    const delays = Array.from({ length: 10 }, nextDelayMs);
    expect(delays).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  it('stop if there are too many within a minute', () => {
    const { nextDelayMs, pass } = limit(2);
    expect([nextDelayMs(), nextDelayMs()]).toEqual([0, 100]);
    pass(RESTART_WINDOW_MS - 1);
    expect(nextDelayMs()).toBeNull();
  });

  it('no longer count after a minute', () => {
    const { nextDelayMs, pass } = limit(2);
    nextDelayMs();
    pass(RESTART_WINDOW_MS / 2);
    nextDelayMs();
    pass(RESTART_WINDOW_MS / 2);
    expect(nextDelayMs()).toBe(100);
    expect(nextDelayMs()).toBeNull();
  });
});
