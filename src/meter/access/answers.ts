export interface AnswersOptions {
  /** How long an answer is reused. */
  readonly ttlMs: number;
  readonly entriesMax: number;
  readonly monotonicMs: () => number;
}

/**
 * Answers that are reused for a while; the oldest makes room for a new one. Failures are not kept, and a question that throws
 * at once displaces none.
 */
export interface Answers<T> {
  /** Asks once, however many want to know it meanwhile. Throws what `ask` throws. */
  get(key: string, ask: () => Promise<T>): Promise<T>;
}

export function createAnswers<T>({ ttlMs, entriesMax, monotonicMs }: AnswersOptions): Answers<T> {
  const entries = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();
  return {
    get(key, ask) {
      const known = entries.get(key);
      if (known !== undefined && monotonicMs() < known.until) return known.answer;
      // Counted from before it is asked, so that no answer is used longer after it was true.
      const until = monotonicMs() + ttlMs;
      const answer = ask();
      // Deleted first, because a key that is set again keeps its position in a Map.
      entries.delete(key);
      for (const oldest of entries.keys()) {
        if (entries.size < entriesMax) break;
        entries.delete(oldest);
      }
      const entry = { answer, until };
      entries.set(key, entry);
      entry.answer.catch(() => {
        if (entries.get(key) === entry) entries.delete(key);
      });
      return entry.answer;
    },
  };
}
