import { GraphQLError, locatedError } from 'graphql';
import type { Path } from './complete.js';

/** The errors of an operation's fields, except those below a value that has already become null. */
export class FieldErrors {
  readonly #errors: GraphQLError[] = [];
  /** Where they are; `undefined` stands for the whole answer. Made for the first one: most operations have none. */
  #paths: Set<Path | undefined> | null = null;

  get all(): readonly GraphQLError[] {
    return this.#errors;
  }

  add(error: GraphQLError, path: Path | undefined): void {
    if (this.#isBelowNull(path)) return;
    this.#paths ??= new Set();
    this.#paths.add(path);
    this.#errors.push(error);
  }

  #isBelowNull(path: Path | undefined): boolean {
    const paths = this.#paths;
    if (paths === null) return false;
    for (let at = path; at !== undefined; at = at.prev) if (paths.has(at)) return true;
    return paths.has(undefined);
  }
}

/** An error that ends a run has been located by the field it comes from. */
export function asFieldError(error: unknown): GraphQLError {
  return error instanceof GraphQLError ? error : locatedError(error, undefined);
}
