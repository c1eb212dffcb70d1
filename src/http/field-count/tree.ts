/**
 * An operation as a tree of what it resolves, with the size of each list beside it. What several
 * paths lead to is one node, so creating or counting a tree takes no longer than reading its document.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { introspectionCounter, introspectionField } from './introspection.js';
import type { Selection, Selections } from './selections.js';
import {
  type InnerSizes,
  innerSizes,
  isBatch,
  isEdges,
  NO_SIZES,
  ownSize,
  type Size,
} from './sizes.js';
import type { GivenBy } from './variables.js';
import { type Weights, weightsOf, weightsOfIntrospection } from './weights.js';

/** An object of one type with the fields that are requested of it. */
export interface ObjectNode {
  /** Its index in the list of all nodes, in which what it leads to precedes it. */
  readonly index: number;
  readonly fields: readonly FieldCount[];
}

/** One field of it, under its key in the answer. */
export interface FieldCount {
  readonly key: string;
  /** Fields of introspection that it leads to, including itself; 0 if it is not one. */
  readonly introspected: number;
  readonly list: ListKind | null;
  readonly size: Size;
  readonly weights: Weights;
  /** By the possible types of an item; empty for leaves. */
  readonly item: readonly ObjectNode[];
}

/** A page by its edges, a batch by what was sent, or any other list. */
export type ListKind = 'PAGE' | 'BATCH' | 'LIST';

export interface FieldTree {
  readonly root: ObjectNode;
  /** What a node leads to precedes it. */
  readonly nodes: readonly ObjectNode[];
}

export interface TreeOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly selections: Selections;
  readonly given: GivenBy;
}

type Field = GraphQLField<unknown, unknown>;

export function buildTree(options: TreeOptions): FieldTree {
  const builder = new TreeBuilder(options);
  return { root: builder.root(), nodes: builder.nodes };
}

class TreeBuilder {
  readonly nodes: ObjectNode[] = [];
  readonly #options: TreeOptions;
  readonly #introspect: (nodes: readonly FieldNode[], field: Field) => number;
  readonly #known = new Map<Selection, Map<InnerSizes, ObjectNode>>();
  readonly #inner = new Map<FieldNode, Map<Field, InnerSizes>>();

  constructor(options: TreeOptions) {
    this.#options = options;
    this.#introspect = introspectionCounter(options);
  }

  root(): ObjectNode {
    const { schema, operation, selections } = this.#options;
    const type = schema.getRootType(operation.operation);
    // A kind of operation that the schema lacks, which the executor refuses.
    if (!type) return this.#node([]);
    return this.object(selections.of([operation], type), NO_SIZES);
  }

  object(selection: Selection, sizes: InnerSizes): ObjectNode {
    const known = this.#known.get(selection) ?? new Map<InnerSizes, ObjectNode>();
    this.#known.set(selection, known);
    const before = known.get(sizes);
    if (before !== undefined) return before;
    const fields = [...selection.groups].map(([key, nodes]) =>
      this.#field(key, nodes, selection.type, sizes),
    );
    const node = this.#node(fields);
    known.set(sizes, node);
    return node;
  }

  #node(fields: readonly FieldCount[]): ObjectNode {
    const node = { index: this.nodes.length, fields };
    this.nodes.push(node);
    return node;
  }

  #field(
    key: string,
    nodes: readonly [FieldNode, ...FieldNode[]],
    parent: GraphQLObjectType,
    sizes: InnerSizes,
  ): FieldCount {
    const { schema, given } = this.#options;
    const [first] = nodes;
    const name = first.name.value;
    const introspected = parent === schema.getQueryType() ? introspectionField(name) : null;
    if (introspected !== null) return leaf(key, this.#introspect(nodes, introspected));
    const field = parent.getFields()[name];
    // In a valid document, what is not a field of the type is __typename.
    if (field === undefined) return leaf(key, 0);
    const size = ownSize(field, first, given, sizes);
    const inner = this.#innerSizes(field, first);
    const item = this.#possibleTypes(field.type).map((type) =>
      this.object(this.#options.selections.of(nodes, type), inner),
    );
    const list = listKind(field, sizes);
    const isCall = parent === schema.getMutationType();
    const weights = weightsOf({ schema, field, node: first, list, inner, isCall });
    return { key, introspected: 0, list, size, weights, item };
  }

  /** The same object for the same field, so that what it leads to is found again. */
  #innerSizes(field: Field, node: FieldNode): InnerSizes {
    const known = this.#inner.get(node) ?? new Map<Field, InnerSizes>();
    this.#inner.set(node, known);
    const sizes = known.get(field) ?? innerSizes(field, node, this.#options.given);
    known.set(field, sizes);
    return sizes;
  }

  #possibleTypes(type: GraphQLOutputType): readonly GraphQLObjectType[] {
    const named = getNamedType(type);
    if (isObjectType(named)) return [named];
    return isAbstractType(named) ? this.#options.schema.getPossibleTypes(named) : [];
  }
}

function leaf(key: string, introspected: number): FieldCount {
  const weights = weightsOfIntrospection(introspected);
  return { key, introspected, list: null, size: 1, weights, item: [] };
}

function listKind(field: Field, sizes: InnerSizes): ListKind | null {
  if (!isListType(getNullableType(field.type))) return null;
  if (isBatch(field)) return 'BATCH';
  return isEdges(field, sizes) ? 'PAGE' : 'LIST';
}
