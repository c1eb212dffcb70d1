import { expect, it } from 'vitest';
import { ClosedWait } from '../../src/store/closed-wait.js';

it('calls wait together for two seconds from the first refusal, and no longer', () => {
  const wait = new ClosedWait();
  const answers = [0, 50, 1_000, 1_999, 2_000, 2_900].map((now) => wait.isWorthwhile(now));
  expect(answers).toEqual([true, true, true, true, false, false]);
});

it('after a second without a refusal, the next one is of another closing', () => {
  const wait = new ClosedWait();
  expect([0, 1_000, 2_000].map((now) => wait.isWorthwhile(now))).toEqual([true, true, false]);
  expect([3_000, 4_001, 4_999].map((now) => wait.isWorthwhile(now))).toEqual([false, true, true]);
});
