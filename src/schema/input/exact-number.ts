import { isHeldByDouble } from '../../domain/decimal.js';

/**
 * A number in a request that a double would change, kept as it was written. Amounts are read from its
 * text, properties and metadata refuse it with its path, and every other type treats it as a value of
 * the wrong type. It is never stored.
 */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    // graphql-js treats any object as an input object and refuses members that the type lacks. This
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

/** The number in the text; as an `ExactNumber` if a double would change it. */
export function exactNumberOf(text: string): number | ExactNumber {
  return isHeldByDouble(text) ? Number(text) : new ExactNumber(text);
}

/** An amount as a client wrote it. */
export type Amount = number | ExactNumber;
