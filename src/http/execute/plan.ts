/**
 * What an operation requests, collected once and kept for its next runs. graphql-js collects the fields of every object
 * anew on every run, which takes longer than executing them.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { type Fragments, Selections, type Variables } from './selection.js';
import { type VariablesReader, variablesReader } from './variables.js';

/** Combinations of conditions that are kept per operation. */
export const VARIANTS_MAX = 16;

/** Fields that are kept for all operations together, at about 0.5 KB each. */
export const PLANNED_FIELDS_MAX = 100_000;

export interface Planned {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly rootType: GraphQLObjectType;
  readonly readVariables: VariablesReader;
}

export class OperationPlan implements Planned {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly rootType: GraphQLObjectType;
  readonly readVariables: VariablesReader;
  readonly isMutation: boolean;
  readonly #conditions: readonly string[];
  readonly #variants = new Map<string, Selections>();

  constructor({ schema, operation, fragments, rootType, readVariables }: Planned) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.rootType = rootType;
    this.readVariables = readVariables;
    this.isMutation = operation.operation === OperationTypeNode.MUTATION;
    this.#conditions = conditionsOf(operation.selectionSet, fragments);
  }

  /** The selections of runs for which these variables decide what is skipped and included. */
  selectionsFor(variables: Variables): Selections {
    let key = '';
    for (const name of this.#conditions) {
      key += Object.hasOwn(variables, name) ? `${variables[name]},` : ',';
    }
    return this.#variants.get(key) ?? this.#newVariant(key, variables);
  }

  #newVariant(key: string, variables: Variables): Selections {
    // Not all of the variables, which may be large.
    const conditions: Record<string, unknown> = Object.create(null);
    for (const name of this.#conditions) {
      if (Object.hasOwn(variables, name)) conditions[name] = variables[name];
    }
    const { schema, fragments, rootType, operation } = this;
    const root = { type: rootType, selectionSet: operation.selectionSet };
    const variant = new Selections({ schema, fragments, conditions, root, onPlanned: countFields });
    if (this.#variants.size >= VARIANTS_MAX) this.#variants.clear();
    this.#variants.set(key, variant);
    return variant;
  }
}

type PlansOfDocument = Map<string | null, OperationPlan>;

let plans = new WeakMap<DocumentNode, PlansOfDocument>();
let plannedFields = 0;

/** When there are too many, all are dropped: those in use are soon rebuilt, and no bookkeeping is needed. */
function countFields(count: number): void {
  plannedFields += count;
  if (plannedFields <= PLANNED_FIELDS_MAX) return;
  plans = new WeakMap();
  plannedFields = 0;
}

/** The plan for a document's operation; null if it cannot be planned, so that graphql-js has to run it. */
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
  const rootType = schema.getRootType(operation.operation);
  const readVariables = variablesReader(schema, operation.variableDefinitions ?? []);
  if (!rootType || readVariables === null) return null;
  return new OperationPlan({ schema, operation, fragments, rootType, readVariables });
}

/** The variables that decide what is skipped and included, in order of appearance. */
function conditionsOf(root: SelectionSetNode, fragments: Fragments): string[] {
  const found = new Set<string>();
  const sets = new Set([root]);
  // The set grows while it is iterated: each fragment is visited once.
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
