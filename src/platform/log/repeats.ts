import type { LogFigures } from './log-figures.js';

/** What happens again and again is logged once in this time, with how often it has happened. */
export const TOLD_INTERVAL_MS = 1_000;

/**
 * Kinds of messages that are distinguished at a time. Reasons may contain what clients have chosen; further ones of a message share a kind.
 */
export const KINDS_MAX = 50;

type Tell = (times: number) => void;

interface Kind {
  /** How often it has happened since it was last logged. */
  times: number;
  /** Logs the last occurrence. */
  tell: Tell;
  readonly timer: NodeJS.Timeout;
}

/** Logs the first occurrence of a kind at once, and then once a second how often there were more, until there are none. */
export class Repeats {
  readonly #kinds = new Map<string, Kind>();
  readonly #figures: LogFigures;

  constructor(figures: LogFigures) {
    this.#figures = figures;
  }

  /** `times`: how many occurrences this one stands for. */
  add(message: string, reason: string, times: number, tell: Tell): void {
    const key = this.#keyOf(message, reason);
    const known = this.#kinds.get(key);
    if (known !== undefined) {
      known.times += times;
      known.tell = tell;
      return;
    }
    const timer = setTimeout(() => this.#next(key), TOLD_INTERVAL_MS);
    timer.unref();
    this.#kinds.set(key, { times: 0, tell, timer });
    this.#tell(tell, times);
  }

  /** Logs what is left at the end of the process. */
  flush(): void {
    for (const { times, tell, timer } of this.#kinds.values()) {
      clearTimeout(timer);
      if (times > 0) this.#tell(tell, times);
    }
    this.#kinds.clear();
  }

  #keyOf(message: string, reason: string): string {
    const key = `${message}\n${reason}`;
    return this.#kinds.has(key) || this.#kinds.size < KINDS_MAX ? key : message;
  }

  #next(key: string): void {
    const kind = this.#kinds.get(key);
    if (kind === undefined) return;
    const { times, tell } = kind;
    if (times === 0) {
      this.#kinds.delete(key);
      return;
    }
    kind.times = 0;
    kind.timer.refresh();
    this.#tell(tell, times);
  }

  #tell(tell: Tell, times: number): void {
    this.#figures.omitted.add('repeated', times - 1);
    tell(times);
  }
}
