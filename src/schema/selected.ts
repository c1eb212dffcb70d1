/** What an operation requests below a field, conditions aside. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** About how many fields an operation requests of each item of a list, those of its objects included. */
export const fieldsPerItem = onceFor(({ fieldNodes, fragments }) => {
  const counts = new Map<SelectionSetNode, number>();
  /** Each selection is visited once, however often its fragment is spread. */
  const countIn = (set: SelectionSetNode | undefined): number => {
    if (set === undefined) return 0;
    const before = counts.get(set);
    if (before !== undefined) return before;
    let count = 0;
    for (const selection of set.selections) {
      count += Number(selection.kind === Kind.FIELD) + countIn(selectedBy(selection, fragments));
    }
    counts.set(set, count);
    return count;
  };
  return fieldNodes.reduce((sum, { selectionSet }) => sum + countIn(selectionSet), 0);
});

/** Whether an operation asks for `properties` anywhere below a field. */
export const asksForProperties = onceFor(({ fieldNodes, fragments }) => {
  // The set grows while it is iterated: each selection is visited once.
  const sets = new Set(fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []));
  for (const { selections } of sets) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD && selection.name.value === 'properties') return true;
      const inner = selectedBy(selection, fragments);
      if (inner !== undefined) sets.add(inner);
    }
  }
  return false;
});

/** By the nodes of a field, which an operation that is run again brings again. */
function onceFor<T>(find: (info: GraphQLResolveInfo) => T): (info: GraphQLResolveInfo) => T {
  const known = new WeakMap<readonly FieldNode[], { readonly found: T }>();
  return (info) => {
    const before = known.get(info.fieldNodes);
    if (before !== undefined) return before.found;
    const found = find(info);
    known.set(info.fieldNodes, { found });
    return found;
  };
}

function selectedBy(selection: SelectionNode, fragments: Fragments): SelectionSetNode | undefined {
  return selection.kind === Kind.FRAGMENT_SPREAD
    ? fragments[selection.name.value]?.selectionSet
    : selection.selectionSet;
}
