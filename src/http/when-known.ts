import type { Then } from './incoming.js';

/** Goes on at once where there is no promise to wait for. What `next` throws is a failure, too. */
export function whenKnown<T>(get: () => T | Promise<T>, { next, fail }: Then<T>): void {
  const goOn = (value: T) => {
    try {
      next(value);
    } catch (error) {
      fail(error);
    }
  };
  let value: T | Promise<T>;
  try {
    value = get();
  } catch (error) {
    fail(error);
    return;
  }
  if (value instanceof Promise) value.then(goOn, fail);
  else goOn(value);
}
