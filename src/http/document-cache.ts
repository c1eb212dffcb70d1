/**
 * Keeps by a document's text what became of it, because validating one costs more than running it.
 * Bounded in every direction: clients that write values into their documents instead of using
 * variables send a new text each time. These can't push out what is asked for again and again: there
 * are two generations, and what is found in the older one becomes part of the younger one.
 */
export class DocumentCache<Value extends object> {
  #younger = new Map<string, Value>();
  #older = new Map<string, Value>();
  #youngerChars = 0;

  get(text: string): Value | undefined {
    const value = this.#younger.get(text);
    if (value !== undefined) return value;
    const older = this.#older.get(text);
    if (older !== undefined) this.#add(text, older);
    return older;
  }

  set(text: string, value: Value): void {
    if (text.length <= CACHED_DOCUMENT_CHARS_MAX) this.#add(text, value);
  }

  #add(text: string, value: Value): void {
    const isFull =
      this.#younger.size >= GENERATION_DOCUMENTS_MAX ||
      this.#youngerChars + text.length > GENERATION_CHARS_MAX;
    if (isFull) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#youngerChars = 0;
    }
    this.#younger.set(text, value);
    this.#youngerChars += text.length;
  }
}

export const CACHED_DOCUMENT_CHARS_MAX = 8 * 1024;

/** Documents in each of the two generations, and all their characters, each of which takes up to 170 bytes once parsed. */
export const GENERATION_DOCUMENTS_MAX = 500;
export const GENERATION_CHARS_MAX = 256 * 1024;
