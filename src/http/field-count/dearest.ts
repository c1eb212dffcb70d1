/** Where most of an operation's cost is. */
import { type Counts, countTree, largestOf, type Measure, nameOf, ownCount } from './count.js';
import type { FieldCount, FieldTree, ObjectNode } from './tree.js';
import type { Variables } from './variables.js';

export interface DearField {
  /** The path to it that most of it is at: `customers.edges[100].node.balances[1000]`. */
  readonly path: string;
  /** What it costs by itself, wherever it is. */
  readonly cost: number;
}

/**
 * The fields that cost most by themselves, without what they lead to, the most expensive first. Each is counted once for all
 * paths that lead to it, of which there may be more than anything could visit.
 */
export function dearestFields(
  tree: FieldTree,
  measure: Measure,
  variables: Variables,
  fieldsMax: number,
): DearField[] {
  const places = placesOf(tree, countTree(tree, measure, variables), measure, variables);
  return places
    .flatMap((place) =>
      place.node.fields.map((field) => ({
        place,
        field,
        cost: times(place.times, ownCount(field, measure, variables)),
      })),
    )
    .filter(({ cost }) => cost > 0)
    .sort((a, b) => b.cost - a.cost)
    .slice(0, fieldsMax)
    .map(({ place, field, cost }) => ({ path: pathOf(place, field, variables), cost }));
}

/** An object that the operation reaches. */
interface Place {
  readonly node: ObjectNode;
  /** How many of them there are. */
  times: number;
  /** The field that leads to most of them; null for the root. */
  from: { readonly place: Place; readonly field: FieldCount; readonly times: number } | null;
}

function placesOf(
  { root, nodes }: FieldTree,
  counts: Counts,
  measure: Measure,
  variables: Variables,
): Place[] {
  const places = new Map<ObjectNode, Place>([[root, { node: root, times: 1, from: null }]]);
  // What leads to a node follows it.
  for (const node of nodes.toReversed()) {
    const place = places.get(node);
    if (place === undefined) continue;
    for (const field of node.fields) {
      const most = largestOf(field.item, ({ index }) => counts[index] ?? 0);
      if (most === undefined) continue;
      const reached = times(place.times, measure.sizeOf(field, variables));
      const next = places.get(most) ?? { node: most, times: 0, from: null };
      next.times += reached;
      if (reached > (next.from?.times ?? -1)) next.from = { place, field, times: reached };
      places.set(most, next);
    }
  }
  return [...places.values()];
}

/** Infinity times zero is not a number. */
function times(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : one * other;
}

function pathOf(place: Place, field: FieldCount, variables: Variables): string {
  const path = [nameOf(field, variables)];
  for (let { from } = place; from !== null; { from } = from.place) {
    path.unshift(nameOf(from.field, variables));
  }
  return path.join('.');
}
