import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** By the nodes of a field, which an operation that is run again brings again. */
const known = new WeakMap<readonly FieldNode[], number>();

/** About how many fields an operation requests of each item of a list, those of its objects included. */
export function fieldsPerItem({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  const before = known.get(fieldNodes);
  if (before !== undefined) return before;
  const countIn = counter(fragments);
  const count = fieldNodes.reduce((sum, { selectionSet }) => sum + countIn(selectionSet), 0);
  known.set(fieldNodes, count);
  return count;
}

/** Each selection is visited once, however often its fragment is spread. */
function counter(fragments: Readonly<Record<string, FragmentDefinitionNode>>) {
  const counts = new Map<SelectionSetNode, number>();
  const countIn = (set: SelectionSetNode | undefined): number => {
    if (set === undefined) return 0;
    const before = counts.get(set);
    if (before !== undefined) return before;
    let count = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        count += countIn(fragments[selection.name.value]?.selectionSet);
      } else {
        count += Number(selection.kind === Kind.FIELD) + countIn(selection.selectionSet);
      }
    }
    counts.set(set, count);
    return count;
  };
  return countIn;
}
