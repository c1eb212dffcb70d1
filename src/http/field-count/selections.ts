/** The fields that a selection asks of an object, as the executor collects them. */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { tooComplex } from '../limits.js';

/** Decides whether what has these directives is executed at all. */
export type IsIncluded = (directives: readonly DirectiveNode[] | undefined) => boolean;

/** Field nodes by response key: those of one key are executed once, with all their selections. */
export type Groups = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>;

/**
 * Selections that may be looked at to count one operation. Fragments can be combined in more ways
 * than a document has words; one that people wrote takes some hundreds.
 */
export const SELECTIONS_COUNTED_MAX = 50_000;

/** What an object of one type is asked for. */
export interface Selection {
  readonly type: GraphQLObjectType;
  readonly groups: Groups;
}

export interface Selections {
  /** What the fields, which are executed as one, ask of an object of the type that they lead to. */
  of(nodes: readonly Selecting[], type: GraphQLObjectType): Selection;
}

interface Selecting {
  readonly selectionSet?: SelectionSetNode | undefined;
}

export interface SelectionsOptions {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly isIncluded: IsIncluded;
}

/** Each is made once, however many ways lead to it. */
export function createSelections(options: SelectionsOptions): Selections {
  const collect = collector(options);
  const ids = new Map<Selecting, number>();
  const idOf = (node: Selecting) => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  const known = new Map<string, Selection>();
  return {
    of(nodes, type) {
      const key = `${type.name} ${nodes.map(idOf).join()}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const selection = { type, groups: collect(selectionSets, type) };
      known.set(key, selection);
      return selection;
    },
  };
}

type Collect = (selectionSets: readonly SelectionSetNode[], type: GraphQLObjectType) => Groups;

function collector({ schema, document, isIncluded }: SelectionsOptions): Collect {
  const fragments = fragmentsOf(document);
  let looked = 0;
  return (selectionSets, type) => {
    const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
    const spread = new Set<string>();
    const applies = (condition: NamedTypeNode | undefined) =>
      condition === undefined || isOfType(schema, type, condition.name.value);
    const take = (selection: SelectionNode): void => {
      looked += 1;
      if (looked > SELECTIONS_COUNTED_MAX) throw tooComplex('combines its fragments too often');
      if (!isIncluded(selection.directives)) return;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [selection]);
        else group.push(selection);
        return;
      }
      const inner = innerOf(selection);
      if (inner !== undefined && applies(inner.typeCondition)) takeAll(inner.selectionSet);
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

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function isOfType(schema: GraphQLSchema, type: GraphQLObjectType, name: string): boolean {
  if (type.name === name) return true;
  const condition = schema.getType(name);
  return isAbstractType(condition) && schema.isSubType(condition, type);
}
