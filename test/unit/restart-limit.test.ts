import { describe, expect, it } from 'vitest';
import { createRestartLimit, RESTART_WINDOW_MS } from '../../src/platform/restart-limit.js';

/** A limit, and its clock. */
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
  it('come at once, then later and later, and never later than five seconds', () => {
    const { nextDelayMs } = limit(10);
    const delays = Array.from({ length: 10 }, nextDelayMs);
    expect(delays).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  it('come to an end where there are too many within a minute', () => {
    const { nextDelayMs, pass } = limit(2);
    expect([nextDelayMs(), nextDelayMs()]).toEqual([0, 100]);
    pass(RESTART_WINDOW_MS - 1);
    expect(nextDelayMs()).toBeNull();
  });

  it('are forgotten after a minute', () => {
    const { nextDelayMs, pass } = limit(2);
    nextDelayMs();
    pass(RESTART_WINDOW_MS / 2);
    nextDelayMs();
    pass(RESTART_WINDOW_MS / 2);
    expect(nextDelayMs()).toBe(100);
    expect(nextDelayMs()).toBeNull();
  });
});
