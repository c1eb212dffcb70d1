import type { Result } from './verb.js';

/** The outcome of one item of a list: its result, or why there is none. */
export type ItemResult<T> = Result<T> | Error;

/**
 * Calls a verb for each item of a list, and returns the outcomes in its order. Writes are submitted in that order, all at once, so
 * that those of one customer are decided in it and all share batches. An input that has already been refused stays refused.
 */
export function callEach<Input, T>(
  inputs: readonly Result<Input>[],
  call: (input: Input) => Promise<Result<T>>,
): Promise<ItemResult<T>[]> {
  return Promise.all(inputs.map((input) => itemResultOf(input, call)));
}

/** Never rejects: the failure of one item does not affect the others. */
async function itemResultOf<Input, T>(
  input: Result<Input>,
  call: (input: Input) => Promise<Result<T>>,
): Promise<ItemResult<T>> {
  if (!input.ok) return input;
  try {
    return await call(input.value);
  } catch (error) {
    return itemFailure(error);
  }
}

/** Why an item has no result. */
export function itemFailure(error: unknown): Error {
  return error instanceof Error ? error : new Error('an item failed', { cause: error });
}
