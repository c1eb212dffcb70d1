import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** By the nodes of a field, which an operation that is run again brings again. */
const known = new WeakMap<readonly FieldNode[], boolean>();

/** Whether an operation asks for `properties` anywhere below a field, conditions aside. */
export function asksForProperties({ fieldNodes, fragments }: GraphQLResolveInfo): boolean {
  const before = known.get(fieldNodes);
  if (before !== undefined) return before;
  const isIn = finder('properties', fragments);
  const asks = fieldNodes.some(({ selectionSet }) => isIn(selectionSet));
  known.set(fieldNodes, asks);
  return asks;
}

/** Each selection is visited once, however often its fragment is spread. */
function finder(name: string, fragments: Readonly<Record<string, FragmentDefinitionNode>>) {
  const visited = new Set<SelectionSetNode>();
  const isIn = (set: SelectionSetNode | undefined): boolean => {
    if (set === undefined || visited.has(set)) return false;
    visited.add(set);
    return set.selections.some((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        return isIn(fragments[selection.name.value]?.selectionSet);
      }
      const isNamed = selection.kind === Kind.FIELD && selection.name.value === name;
      return isNamed || isIn(selection.selectionSet);
    });
  };
  return isIn;
}
