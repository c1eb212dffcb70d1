/** The merged fields of several selections, as the executor collects them. */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { protocolError } from './errors.js';

/** Decides whether a node with these directives is executed at all. */
export type IsIncluded = (directives: readonly DirectiveNode[] | undefined) => boolean;

/** Decides whether a fragment on the type of that name applies. */
export type Applies = (typeName: string) => boolean;

/** Field nodes by response key: those with the same key are executed once, with all their selections. */
export type Groups = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>;

/**
 * Selections that may be visited to collect those of one operation. Fragments can be combined in more ways
 * than a document has tokens; handwritten ones take a few hundred.
 */
export const SELECTIONS_COLLECTED_MAX = 50_000;

export type Collect = (selectionSets: readonly SelectionSetNode[], applies: Applies) => Groups;

export function createCollector(document: DocumentNode, isIncluded: IsIncluded): Collect {
  const fragments = fragmentsOf(document);
  let looked = 0;
  return (selectionSets, applies) => {
    const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
    const spread = new Set<string>();
    const take = (selection: SelectionNode): void => {
      looked += 1;
      if (looked > SELECTIONS_COLLECTED_MAX) throw tooManyCombinations();
      if (!isIncluded(selection.directives)) return;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [selection]);
        else group.push(selection);
        return;
      }
      const inner = innerOf(selection);
      if (inner === undefined) return;
      const { typeCondition, selectionSet } = inner;
      if (typeCondition === undefined || applies(typeCondition.name.value)) takeAll(selectionSet);
    };
    const innerOf = (selection: Exclude<SelectionNode, FieldNode>) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
      const name = selection.name.value;
      if (spread.has(name)) return undefined;
      spread.add(name);
      return fragments.get(name);
    };
    const takeAll = ({ selections }: SelectionSetNode) => {
      for (const selection of selections) take(selection);
    };
    for (const selectionSet of selectionSets) takeAll(selectionSet);
    return groups;
  };
}

/** By name. */
export function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function tooManyCombinations() {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    'The operation combines its fragments in too many ways. Spread them less often.',
  );
}
