/**
 * A cache keyed by text, bounded in every direction: clients that write values into their
 * documents instead of using variables send a new text each time. These cannot displace what is used
 * repeatedly: there are two generations, and what is found in the older one becomes part of
 * the younger one.
 */
export class TextCache<Value> {
  readonly #bounds: TextCacheBounds;
  #younger = new Map<string, Entry<Value>>();
  #older = new Map<string, Entry<Value>>();
  #youngerChars = 0;

  constructor(bounds: TextCacheBounds) {
    this.#bounds = bounds;
  }

  get(text: string): Value | undefined {
    const entry = this.#younger.get(text);
    if (entry !== undefined) return entry.value;
    const older = this.#older.get(text);
    if (older !== undefined) this.#add(text, older);
    return older?.value;
  }

  /** `chars` is the size of the entry if it is larger than its text. */
  set(text: string, value: Value, chars = text.length): void {
    if (chars <= this.#bounds.entryCharsMax) this.#add(text, { value, chars });
  }

  #add(text: string, entry: Entry<Value>): void {
    const { generationEntriesMax, generationCharsMax } = this.#bounds;
    const isFull =
      this.#younger.size >= generationEntriesMax ||
      this.#youngerChars + entry.chars > generationCharsMax;
    if (isFull) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#youngerChars = 0;
    }
    this.#younger.set(text, entry);
    this.#youngerChars += entry.chars;
  }
}

export interface TextCacheBounds {
  /** A larger entry is not kept. */
  readonly entryCharsMax: number;
  /** Entries in each of the two generations, and all their characters. */
  readonly generationEntriesMax: number;
  readonly generationCharsMax: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly chars: number;
}
