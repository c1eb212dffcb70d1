import type { Steps } from '../platform/steps.js';
import type { Incoming, Then } from './incoming.js';

/** Does the steps and passes their result on; stops without one if the exchange ends before, as when its client leaves. */
export function* untilEnd<Result>(
  incoming: Incoming,
  steps: Steps<Result>,
  { next, fail }: Then<Result>,
): Steps<void> {
  let isOver = false;
  incoming.onEnd(() => {
    isOver = true;
  });
  try {
    for (let step = steps.next(); !isOver; step = steps.next()) {
      if (step.done === true) return next(step.value);
      yield;
    }
  } catch (error) {
    fail(error);
  }
}
