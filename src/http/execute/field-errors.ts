import type { GraphQLError } from 'graphql';
import type { Path } from './complete.js';

/** The errors of an operation's fields, but for those below a value that has become null already. */
export class FieldErrors {
  readonly #errors: GraphQLError[] = [];
  /** Where they are; `undefined` stands for the whole answer. */
  readonly #paths = new Set<Path | undefined>();

  get all(): readonly GraphQLError[] {
    return this.#errors;
  }

  add(error: GraphQLError, path: Path | undefined): void {
    if (this.#isBelowNull(path)) return;
    this.#paths.add(path);
    this.#errors.push(error);
  }

  #isBelowNull(path: Path | undefined): boolean {
    for (let at = path; at !== undefined; at = at.prev) if (this.#paths.has(at)) return true;
    return this.#paths.has(undefined);
  }
}
