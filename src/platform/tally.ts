/** Counts by name. The names are those of a type, so there are only so many. */
export class Tally<Name extends string> {
  readonly #counts = new Map<Name, number>();

  /** Every name has a count from the start: a rate cannot be told from a count that appears with its first event. */
  constructor(names: readonly Name[] = []) {
    for (const name of names) this.#counts.set(name, 0);
  }

  add(name: Name, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  entries(): readonly (readonly [Name, number])[] {
    return [...this.#counts];
  }
}
