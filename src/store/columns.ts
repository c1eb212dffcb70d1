/** Rows are sent to PostgreSQL as one array per column, which costs less on both sides than JSON. */

export type Cell = string | number | boolean | null;

/**
 * Rows, column by column. A text must have a form that needs no quotes in an array, such as a
 * UUID or a number, or have been `quoted`.
 */
export class Columns {
  readonly #columns: Cell[][];

  constructor(count: number) {
    this.#columns = Array.from({ length: count }, () => []);
  }

  add(...cells: readonly Cell[]): void {
    for (let index = 0; index < cells.length; index += 1) {
      this.#columns[index]?.push(cells[index] ?? NULL);
    }
  }

  /** Each column as the text of a PostgreSQL array. */
  arrays(): string[] {
    return this.#columns.map(arrayText);
  }
}

/** Null, as it is written in an array. */
export const NULL = 'NULL';

/** Cells as the text of a PostgreSQL array, null among them as `NULL`. */
export function arrayText(cells: readonly Cell[]): string {
  return `{${cells.join(',')}}`;
}

/** Any text as an element of an array. */
export function quoted(text: string): string;
export function quoted(text: string | null): string | null;
export function quoted(text: string | null): string | null {
  if (text === null) return null;
  return SPECIAL.test(text) ? `"${text.replaceAll(EVERY_SPECIAL, '\\$&')}"` : `"${text}"`;
}

const SPECIAL = /["\\]/;
const EVERY_SPECIAL = /["\\]/g;

/**
 * JSON texts in one, for `string_to_table(..., E'\x1f', '')`: being full of quotes, they would grow and take
 * long in an array, and JSON never contains the separator unescaped. Null is the empty text.
 */
export function joinJson(texts: readonly Cell[]): string {
  return texts.join(SEPARATOR);
}

const SEPARATOR = '\u001f';
