import { UnavailableError } from '../../domain/unavailable.js';
import { type AnyKind, countFor, type Wait } from './waits.js';

/** The reads of one project that wait for their statement, and how many of its statements are in progress. */
export class ProjectReads {
  readonly id: string;
  /** The number of its last statement, over all projects; 0 if it has had none. */
  lastTurn = 0;
  inFlight = 0;
  /** By kind; the one whose turn is next comes first. */
  readonly #waiting = new Map<AnyKind, Wait[]>();
  /** For each kind with an answer due: the time until which its reads are collected. */
  readonly #collecting = new Map<AnyKind, number>();
  #waits = 0;
  #answersDue = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Reads that wait. */
  get waits(): number {
    return this.#waits;
  }

  isIdle(): boolean {
    return this.#waits === 0 && this.inFlight === 0 && this.#answersDue === 0;
  }

  /** Whether one has waited since before `latest`. */
  isLate(latest: number): boolean {
    return [...this.#waiting.values()].some(
      ([oldest]) => oldest !== undefined && oldest.since < latest,
    );
  }

  push(kind: AnyKind, wait: Wait): void {
    const waits = this.#waiting.get(kind);
    if (waits === undefined) this.#waiting.set(kind, [wait]);
    else waits.push(wait);
    this.#waits += 1;
  }

  /** The kind whose turn is next, of those that are not being collected. */
  next(now: number): AnyKind | null {
    for (const kind of this.#waiting.keys()) {
      if (now >= (this.#collecting.get(kind) ?? 0)) return kind;
    }
    return null;
  }

  /** When the first of the kinds that wait is no longer collected. */
  collectedUntil(): number {
    return Math.min(...[...this.#waiting.keys()].map((kind) => this.#collecting.get(kind) ?? 0));
  }

  /** What makes the next statement of a kind. */
  take(kind: AnyKind): readonly Wait[] {
    const waits = this.#waiting.get(kind) ?? [];
    const count = countFor(waits, kind);
    this.#waiting.delete(kind);
    if (count < waits.length) this.#waiting.set(kind, waits.slice(count));
    this.#waits -= count;
    return waits.slice(0, count);
  }

  /** Further reads of the kind wait until then, or until the answer has been delivered: call the function once it has. */
  collect(kind: AnyKind, until: number): () => void {
    this.#answersDue += 1;
    // What did not fit in this statement is read by another one at once.
    if (!this.#waiting.has(kind)) this.#collecting.set(kind, until);
    return () => {
      this.#answersDue -= 1;
      if (this.#collecting.get(kind) === until) this.#collecting.delete(kind);
    };
  }

  /** Refuses those that have waited since `latest` or before. */
  expire(latest: number): void {
    for (const [kind, waits] of [...this.#waiting]) {
      const kept = waits.filter(({ since }) => since > latest);
      for (const { since, reject } of waits) {
        if (since <= latest) reject(new UnavailableError('READS_OVERLOADED'));
      }
      this.#waits -= waits.length - kept.length;
      if (kept.length === 0) this.#waiting.delete(kind);
      else this.#waiting.set(kind, kept);
    }
  }
}
