/**
 * Remembers by a document's text what parsing it gave, because validating one costs more than
 * running it. Bounded in both directions: clients that write values into their documents instead of
 * using variables send a new text each time.
 */
export class DocumentCache<Value> {
  readonly #values = new Map<string, Value>();

  get(text: string): Value | undefined {
    return this.#values.get(text);
  }

  set(text: string, value: Value): void {
    if (text.length > CACHED_DOCUMENT_CHARS_MAX) return;
    if (this.#values.size >= CACHED_DOCUMENTS_MAX) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    this.#values.set(text, value);
  }
}

export const CACHED_DOCUMENTS_MAX = 1_000;

export const CACHED_DOCUMENT_CHARS_MAX = 8 * 1024;
