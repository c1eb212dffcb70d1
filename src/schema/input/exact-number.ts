import { isHeldByDouble } from '../../domain/decimal.js';

/**
 * A number of a request that a double would change, kept as it was written. Amounts are read by the
 * text, properties and metadata refuse it by its path, and every other type takes it for a value of
 * a wrong type. It is never stored.
 */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    // graphql-js takes any object for an input object and refuses members that the type lacks. This
    // is one that no type has, so a number in place of an object is refused, and named.
    Object.defineProperty(this, text, { value: text, enumerable: true });
  }

  get text(): string {
    return this.#text;
  }

  /** How graphql-js shows it in an error. */
  toJSON(): string {
    return this.#text;
  }
}

/** The number that the text says, by its text where a double would be another one. */
export function exactNumberOf(text: string): number | ExactNumber {
  return isHeldByDouble(text) ? Number(text) : new ExactNumber(text);
}

/** An amount as a client wrote it. */
export type Amount = number | ExactNumber;
