/** Counts what a test of many calls has seen, to be printed at its end. */
import { type Granted, type Tracked, wasTracked } from '../client/operations.js';

export class Tally {
  readonly counts = new Map<string, number>();

  count(what: string): void {
    this.counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  answered(answer: Tracked): void {
    this.count('calls');
    if (answer.replayed === true) this.count('replayed');
    else if (wasTracked(answer)) this.count('tracked');
    else this.count(answer.code);
  }

  granted(granted: Granted): void {
    this.count('balance' in granted ? 'granted' : 'grants refused');
  }

  get total(): number {
    const whats = ['calls', 'granted', 'grants refused', 'entities', 'holds'];
    return whats.reduce((sum, what) => sum + this.of(what), 0);
  }

  toString(): string {
    const parts = [...this.counts].toSorted().map(([what, count]) => `${what} ${count}`);
    return `${this.total} in all: ${parts.join(', ')}`;
  }
}
