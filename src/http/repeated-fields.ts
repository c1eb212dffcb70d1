/**
 * How often one field is written in one place. Whether all of them can be merged is checked by comparing
 * each pair, which takes a quarter of a second for 400 of them.
 */
import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';
import { protocolError } from './errors.js';
import { createCollector } from './merged-fields.js';

/** Fragments of many components may all request an id; more than this are not accidental. */
export const FIELD_REPEATS_MAX = 50;

/**
 * Throws for a document that repeats a response key too often in one place, with fragments expanded. Its operations are
 * visited together, because there may be hundreds that combine the same fragments.
 */
export function refuseRepeats(document: DocumentNode): void {
  const looker = new Looker(document);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) looker.look([definition.selectionSet]);
  }
}

class Looker {
  readonly #collect;
  readonly #ids = new Map<SelectionSetNode, number>();
  readonly #looked = new Set<string>();

  constructor(document: DocumentNode) {
    // Regardless of what is skipped and which type applies: it is compared anyway.
    this.#collect = createCollector(document, () => true);
  }

  look(selectionSets: readonly SelectionSetNode[]): void {
    const key = selectionSets.map((each) => this.#idOf(each)).join();
    if (this.#looked.has(key)) return;
    this.#looked.add(key);
    for (const [name, nodes] of this.#collect(selectionSets, () => true)) {
      if (nodes.length > FIELD_REPEATS_MAX) throw repeated(name, nodes.length);
      const inner = nodes.flatMap(({ selectionSet }: FieldNode) => selectionSet ?? []);
      if (inner.length > 0) this.look(inner);
    }
  }

  #idOf(selectionSet: SelectionSetNode): number {
    const id = this.#ids.get(selectionSet) ?? this.#ids.size;
    this.#ids.set(selectionSet, id);
    return id;
  }
}

function repeated(name: string, count: number) {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    `The operation asks for "${name.slice(0, 200)}" ${count} times in one place, and at most ` +
      `${FIELD_REPEATS_MAX} times are allowed. Ask for it once, or under different aliases.`,
  );
}
