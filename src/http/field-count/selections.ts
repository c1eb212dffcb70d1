/** The fields that a selection requests of an object, as the executor collects them. */
import {
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  type SelectionSetNode,
} from 'graphql';
import { createCollector, type Groups, type IsIncluded } from '../merged-fields.js';

/** What is requested of an object of one type. */
export interface Selection {
  readonly type: GraphQLObjectType;
  readonly groups: Groups;
}

export interface Selections {
  /** What the fields, which are executed as one, request of an object of the type that they lead to. */
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

/** Each is created once, however many paths lead to it. */
export function createSelections(options: SelectionsOptions): Selections {
  const { schema, document, isIncluded } = options;
  const collect = createCollector(document, isIncluded);
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
      const applies = (name: string) => isOfType(schema, type, name);
      const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const selection = { type, groups: collect(selectionSets, applies) };
      known.set(key, selection);
      return selection;
    },
  };
}

function isOfType(schema: GraphQLSchema, type: GraphQLObjectType, name: string): boolean {
  if (type.name === name) return true;
  const condition = schema.getType(name);
  return isAbstractType(condition) && schema.isSubType(condition, type);
}
