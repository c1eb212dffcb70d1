/** An item of an `AgeList`. The list sets what is in here. */
export class Aged<Item> {
  isListed = false;
  before: Item | null = null;
  after: Item | null = null;
}

/**
 * Items in the order in which they were added, the oldest first. A linked list, because a `Set` to which every call is added and from
 * which it is deleted makes the work of the garbage collector half as much again (docs/adr/0017-garbage-collection.md).
 */
export class AgeList<Item extends Aged<Item>> {
  #first: Item | null = null;
  #last: Item | null = null;

  get first(): Item | null {
    return this.#first;
  }

  add(item: Item): void {
    item.isListed = true;
    item.before = this.#last;
    if (this.#last === null) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
  }

  /** False for an item that is not in the list. */
  delete(item: Item): boolean {
    if (!item.isListed) return false;
    item.isListed = false;
    const { before, after } = item;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    // What has been deleted must not keep its neighbors alive.
    item.before = null;
    item.after = null;
    return true;
  }
}

export interface SweptListOptions {
  readonly sweepIntervalMs: number;
  /** Looks at the items, which are in order of age; called as long as there are any. */
  readonly sweep: () => void;
}

/** What is in progress. It has one timer: one for each call would have to be paid by all of them, and hardly any needs it. */
export class SweptList<Item extends Aged<Item>> extends AgeList<Item> {
  readonly #options: SweptListOptions;
  #isSweepDue = false;

  constructor(options: SweptListOptions) {
    super();
    this.#options = options;
  }

  override add(item: Item): void {
    super.add(item);
    this.#sweepLater();
  }

  #sweepLater(): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    setTimeout(this.#sweep, this.#options.sweepIntervalMs).unref();
  }

  readonly #sweep = (): void => {
    this.#isSweepDue = false;
    this.#options.sweep();
    if (this.first !== null) this.#sweepLater();
  };
}
