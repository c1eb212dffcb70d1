import type { Then } from './incoming.js';

/** Continues synchronously if there is no promise to await. An error thrown by `next` is a failure, too. */
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
