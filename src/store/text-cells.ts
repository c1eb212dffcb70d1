import { type Quantity, quantityFromText } from '../domain/quantity.js';

/** After each cell but the last. No id, number or time zone contains it, and JSON escapes it. */
export const CELL_END = '\t';

const [MINUS, DIGIT_0, LETTER_T] = [45, 48, 116];

/**
 * The cells of a row that is a single text, one after the other. Splitting the text makes a text of each cell and a list of
 * them; this makes only those that stay.
 */
export class TextCells {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  text(): string {
    const from = this.#at;
    const end = this.#end();
    return this.#text.slice(from, end);
  }

  textOrNull(): string | null {
    return this.text() || null;
  }

  isTrue(): boolean {
    const from = this.#at;
    this.#end();
    return this.#text.charCodeAt(from) === LETTER_T;
  }

  quantity(): Quantity {
    return quantityFromText(this.text());
  }

  quantityOrNull(): Quantity | null {
    const text = this.text();
    return text === '' ? null : quantityFromText(text);
  }

  integer(): number {
    const from = this.#at;
    return this.#integer(from, this.#end());
  }

  integerOrNull(): number | null {
    const from = this.#at;
    const end = this.#end();
    return from === end ? null : this.#integer(from, end);
  }

  /** Where the present cell ends; the next one begins behind it. */
  #end(): number {
    const found = this.#text.indexOf(CELL_END, this.#at);
    const end = found < 0 ? this.#text.length : found;
    this.#at = end + 1;
    return end;
  }

  /** Of an integer that a double holds exactly, as PostgreSQL writes it. */
  #integer(from: number, end: number): number {
    const isNegative = this.#text.charCodeAt(from) === MINUS;
    let value = 0;
    for (let at = isNegative ? from + 1 : from; at < end; at += 1) {
      value = value * 10 + (this.#text.charCodeAt(at) - DIGIT_0);
    }
    return isNegative ? -value : value;
  }
}
