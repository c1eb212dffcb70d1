/** Thrown when the program contradicts itself; never an answer to bad input. */
export class BrokenInvariantError extends Error {
  override readonly name = 'BrokenInvariantError';
}

/** Throws if something that must hold does not. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new BrokenInvariantError(invariant);
}

/** The last branch of a switch over a union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new BrokenInvariantError(`unreachable value: ${JSON.stringify(value)}`);
}

/** A value that must be there, for lookups whose key is known to exist. */
export function present<T>(value: T | null | undefined, invariant: string): T {
  if (value === null || value === undefined) throw new BrokenInvariantError(invariant);
  return value;
}
