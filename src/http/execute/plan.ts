/**
 * What an operation asks for, collected once and kept for its next runs. graphql-js collects the fields of every object
 * in every run anew, which takes longer than to execute them.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { Collector, type Fragments, type Selection, type Variables } from './selection.js';
import { type VariablesReader, variablesReader } from './variables.js';

/** All that runs with the same conditions share. */
export interface Variant {
  readonly collector: Collector;
  readonly root: Selection;
}

/** Combinations of conditions that are kept of one operation. */
export const VARIANTS_MAX = 16;

/** Fields that are kept of all operations together, at about 0.5 KB each. */
export const PLANNED_FIELDS_MAX = 100_000;

export class OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly readVariables: VariablesReader;
  readonly isMutation: boolean;
  readonly #conditions: readonly string[];
  readonly #variants = new Map<string, Variant>();

  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    readVariables: VariablesReader,
  ) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.readVariables = readVariables;
    this.isMutation = operation.operation === OperationTypeNode.MUTATION;
    this.#conditions = conditionsOf(operation.selectionSet, fragments);
  }

  /** Null where a condition is not a boolean: graphql-js says which field that is an error of. */
  variantFor(variables: Variables): Variant | null {
    let key = '';
    for (const name of this.#conditions) {
      const value = Object.hasOwn(variables, name) ? variables[name] : null;
      if (typeof value !== 'boolean') return null;
      key += value ? '1' : '0';
    }
    return this.#variants.get(key) ?? this.#newVariant(key, variables);
  }

  #newVariant(key: string, variables: Variables): Variant | null {
    const { schema, operation, fragments } = this;
    const type = schema.getRootType(operation.operation);
    if (!type) return null;
    // Not all of the variables, which may be large.
    const conditions: Record<string, unknown> = Object.create(null);
    for (const name of this.#conditions) conditions[name] = variables[name];
    const collector = new Collector(schema, fragments, conditions, countFields);
    const variant = { collector, root: collector.root(type, operation.selectionSet) };
    if (this.#variants.size >= VARIANTS_MAX) this.#variants.clear();
    this.#variants.set(key, variant);
    return variant;
  }
}

type PlansOfDocument = Map<string | null, OperationPlan>;

let plans = new WeakMap<DocumentNode, PlansOfDocument>();
let plannedFields = 0;

/** When there are too many, all of them go: those in use are soon made anew, and no list of them is needed. */
function countFields(count: number): void {
  plannedFields += count;
  if (plannedFields <= PLANNED_FIELDS_MAX) return;
  plans = new WeakMap();
  plannedFields = 0;
}

/** The plan of a document's operation; null for what graphql-js is to run, because it can't be planned. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  name: string | null,
): OperationPlan | null {
  const known = plans.get(document)?.get(name);
  if (known !== undefined && known.schema === schema) return known;
  const made = newPlan(schema, document, name);
  if (made === null) return null;
  const ofDocument: PlansOfDocument = plans.get(document) ?? new Map();
  ofDocument.set(name, made);
  plans.set(document, ofDocument);
  return made;
}

function newPlan(schema: GraphQLSchema, { definitions }: DocumentNode, name: string | null) {
  const fragments: Fragments = Object.create(null);
  const operations: OperationDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments[definition.name.value] = definition;
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (name === null || definition.name?.value === name) operations.push(definition);
    }
  }
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) return null;
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
  const readVariables = variablesReader(schema, operation.variableDefinitions ?? []);
  return readVariables && new OperationPlan(schema, operation, fragments, readVariables);
}

/** The variables that decide what is skipped and included, in the order in which they come. */
function conditionsOf(root: SelectionSetNode, fragments: Fragments): string[] {
  const found = new Set<string>();
  const sets = new Set([root]);
  // A set that grows while it is read: each fragment is looked at once.
  for (const { selections } of sets) {
    for (const selection of selections) {
      for (const name of variablesOf(selection.directives)) found.add(name);
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragments[selection.name.value]?.selectionSet
          : selection.selectionSet;
      if (inner !== undefined) sets.add(inner);
    }
  }
  return [...found];
}

function variablesOf(directives: readonly DirectiveNode[] | undefined): string[] {
  return (directives ?? [])
    .flatMap(({ arguments: given }) => given ?? [])
    .flatMap(({ value }) => (value.kind === Kind.VARIABLE ? [value.name.value] : []));
}
