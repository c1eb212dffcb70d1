/** What is requested of an object: its fields, collected over all selections and fragments that apply. */
import {
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
} from 'graphql';
import { type ArgumentsReader, argumentsReader } from './arguments.js';
import { type Shape, shapeOf } from './shape.js';
import { bytesOfObject } from './size.js';

export type Variables = Readonly<Record<string, unknown>>;
export type Fragments = Record<string, FragmentDefinitionNode>;

export interface Selection {
  readonly type: GraphQLObjectType;
  readonly fields: readonly PlannedField[];
  /** Whether one of the keys is `__proto__`, which in a plain object would set the prototype. */
  readonly hasProto: boolean;
  /** The size of an object in the answer, without its values. */
  readonly bytes: number;
}

export interface PlannedField {
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly returnType: GraphQLField<unknown, unknown>['type'];
  readonly shape: Shape;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly readArguments: ArgumentsReader;
  /** What is requested of its value, by the value's type. */
  readonly selections: Map<GraphQLObjectType, Selection>;
}

export interface SelectionsOptions {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  /** The variables that decide what is skipped and included. */
  readonly conditions: Variables;
  readonly root: { readonly type: GraphQLObjectType; readonly selectionSet: SelectionSetNode };
  /** Called with the number of fields that have been collected. */
  readonly onPlanned: (fields: number) => void;
}

/**
 * The selections of an operation's runs that skip and include the same, each collected the first time that a run needs it. If
 * a condition is null or absent, it throws as graphql-js does, each time: it is an error of the field above.
 */
export class Selections {
  readonly #options: SelectionsOptions;
  #root: Selection | undefined;
  /** What is wrong with a condition is found once, however many objects are selected from. */
  readonly #invalid = new Map<SelectionNode, unknown>();

  constructor(options: SelectionsOptions) {
    this.#options = options;
  }

  /** What the operation requests at its root. */
  root(): Selection {
    const { type, selectionSet } = this.#options.root;
    this.#root ??= this.#selection(type, [selectionSet]);
    return this.#root;
  }

  /** What is requested of a field's value. */
  below({ nodes, selections }: PlannedField, type: GraphQLObjectType): Selection {
    const known = selections.get(type);
    if (known !== undefined) return known;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const selection = this.#selection(type, sets);
    selections.set(type, selection);
    return selection;
  }

  #selection(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Selection {
    const collected = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    for (const set of sets) this.#collect(type, set, collected, visited);
    const fields: PlannedField[] = [];
    for (const [key, nodes] of collected) {
      const field = this.#planned(type, key, nodes);
      if (field !== null) fields.push(field);
    }
    this.#options.onPlanned(fields.length);
    const hasProto = collected.has('__proto__');
    return { type, fields, hasProto, bytes: bytesOfObject(collected.keys()) };
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    into: Map<string, FieldNode[]>,
    visited: Set<string>,
  ): void {
    for (const selection of selections) {
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      if (isSpread && visited.has(selection.name.value)) continue;
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = into.get(key);
        if (nodes === undefined) into.set(key, [selection]);
        else nodes.push(selection);
        continue;
      }
      if (isSpread) visited.add(selection.name.value);
      const fragment = isSpread ? this.#options.fragments[selection.name.value] : selection;
      if (fragment === undefined || !this.#applies(fragment, type)) continue;
      this.#collect(type, fragment.selectionSet, into, visited);
    }
  }

  #isIncluded(node: SelectionNode): boolean {
    if (node.directives === undefined || node.directives.length === 0) return true;
    if (this.#invalid.has(node)) throw this.#invalid.get(node);
    const { conditions } = this.#options;
    try {
      if (getDirectiveValues(GraphQLSkipDirective, node, conditions)?.['if'] === true) return false;
      return getDirectiveValues(GraphQLIncludeDirective, node, conditions)?.['if'] !== false;
    } catch (error) {
      this.#invalid.set(node, error);
      throw error;
    }
  }

  #applies(
    { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
    type: GraphQLObjectType,
  ): boolean {
    if (!typeCondition) return true;
    const condition = typeFromAST(this.#options.schema, typeCondition);
    if (condition === type) return true;
    return isAbstractType(condition) && this.#options.schema.isSubType(condition, type);
  }

  /** Null for a field that the type does not have, which no valid document requests. */
  #planned(
    parentType: GraphQLObjectType,
    key: string,
    nodes: readonly FieldNode[],
  ): PlannedField | null {
    const [node] = nodes;
    const field = node && this.#fieldOf(parentType, node.name.value);
    if (!field) return null;
    return {
      key,
      name: field.name,
      nodes,
      parentType,
      returnType: field.type,
      shape: shapeOf(field.type),
      resolve: field.resolve ?? defaultFieldResolver,
      readArguments: argumentsReader(field, node),
      selections: new Map(),
    };
  }

  #fieldOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    const isQuery = type === this.#options.schema.getQueryType();
    if (isQuery && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (isQuery && name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    return name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : type.getFields()[name];
  }
}
