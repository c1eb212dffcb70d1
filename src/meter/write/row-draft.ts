import type { RowKinds, Rows } from './write-path.js';

type Kind = keyof RowKinds;
type Lists = { readonly [K in Kind]: RowKinds[K][] };

/** Rows of all kinds, collected from the commands of one customer. */
export class RowDraft {
  readonly #lists: { -readonly [K in Kind]?: Lists[K] } = {};

  get rows(): Rows {
    return this.#lists;
  }

  push<K extends Kind>(kind: K, ...rows: readonly RowKinds[K][]): void {
    const lists: { [L in K]?: RowKinds[L][] } = this.#lists;
    const list = lists[kind];
    if (list === undefined) lists[kind] = [...rows];
    else list.push(...rows);
  }

  /** Separates the entries after which something is reserved. */
  divideEntries(isHeld: (entry: RowKinds['entries']) => boolean): void {
    const entries = this.#lists.entries ?? [];
    const held = entries.filter(isHeld);
    if (held.length === 0) return;
    this.#lists.entries = entries.filter((entry) => !isHeld(entry));
    this.push('heldEntries', ...held);
  }

  add(rows: Rows): void {
    for (const kind of kindsIn(rows)) this.#addKind(kind, rows);
  }

  #addKind<K extends Kind>(kind: K, rows: Rows): void {
    this.push(kind, ...(rows[kind] ?? []));
  }
}

/** The keys of an object of this type, which has no others. */
function kindsIn(rows: Rows): Kind[] {
  return Object.keys(rows) as Kind[];
}
