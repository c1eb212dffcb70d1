/**
 * How many fields an operation can reach, before anything of it runs: every list at the maximum that
 * it can have, every fragment expanded. It depends on the variables only through the sizes of pages and
 * batches and through what is skipped or included.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { TextCache } from '../../platform/text-cache.js';
import {
  COST,
  COST_PER_CALL,
  countTree,
  dearestPath,
  EDGES,
  FIELDS,
  FIELDS_PER_CALL,
  INTROSPECTION,
  isConstant,
  type Measure,
  SPENT,
} from './count.js';
import { dearestFields } from './dearest.js';
import { INTROSPECTION_FIELDS_MAX } from './introspection.js';
import { longListIn } from './long-lists.js';
import { type Excess, refuseCost, refuseSize } from './refusals.js';
import { createSelections } from './selections.js';
import { buildTree, type FieldTree } from './tree.js';
import {
  type Given,
  type GivenBy,
  givenBy,
  inclusion,
  isTrue,
  type Variables,
} from './variables.js';

export interface FieldCount {
  /** The maximum number of fields with these variables. */
  of(variables: Variables): number;
  /** What it skips and includes with these variables, as text. */
  keyOf(variables: Variables): string;
  /** Whether it has skipped and included the same before, so that it does not have to be counted anew. */
  isKnown(variables: Variables): boolean;
  /** What it may cost with these variables, for one that is not refused. */
  cost(variables: Variables): OperationCost;
  /** The error for an operation that is too large or too expensive; null for any other. */
  refusal(variables: Variables): GraphQLError | null;
}

/** In rows and statements. */
export interface OperationCost {
  /** The most that it may cost. */
  readonly requested: number;
  /** The part of it that is spent whatever is read: calls that write, and looks into the schema. */
  readonly spent: number;
}

export interface FieldCountOptions {
  readonly schema: GraphQLSchema;
  /** A valid one. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The maximum number of fields in an operation, with one item of a batch. */
  readonly fieldsMax: number;
  /** What an operation may cost at most, with one item of a batch. */
  readonly costMax: number;
}

/** Each request costs something. */
const COST_MIN = 1;

/** Fields that the error for an operation that is too expensive names. */
const FIELDS_NAMED = 3;

/** The maximum number of items of pages in an operation, including pages inside pages. */
export const OPERATION_EDGES_MAX = 25_000;

/** Of the trees kept per operation, which has one for each combination of its conditions. */
const TREE_BOUNDS = {
  entryCharsMax: Number.POSITIVE_INFINITY,
  generationEntriesMax: 8,
  generationCharsMax: Number.POSITIVE_INFINITY,
};

export function createFieldCount(options: FieldCountOptions): FieldCount {
  const { schema, document, operation, fieldsMax, costMax } = options;
  const given = givenBy(operation);
  const conditions = conditionsIn(document, given);
  const trees = new TextCache<CountedTree | GraphQLError>(TREE_BOUNDS);

  const keyOf = (variables: Variables) =>
    conditions.map((condition) => String(isTrue(condition, variables))).join();

  const treeFor = (variables: Variables): CountedTree | GraphQLError => {
    const key = keyOf(variables);
    const known = trees.get(key);
    if (known !== undefined) return known;
    const tree = makeTree(variables);
    trees.set(key, tree);
    return tree;
  };

  const makeTree = (variables: Variables): CountedTree | GraphQLError => {
    const isIncluded = inclusion(given, variables);
    const selections = createSelections({ schema, document, isIncluded });
    try {
      const tree = buildTree({ schema, operation, selections, given });
      // The same for all requests; kept, because finding it out takes as long each time.
      const known = isConstant(tree) && { refusal: refusalOf(tree, {}), cost: costOf(tree, {}) };
      return { ...tree, known: known || null };
    } catch (error) {
      // Counting it would take too long. Kept, because finding that out takes as long each time.
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  };

  const refusalOf = (tree: FieldTree, variables: Variables): GraphQLError | null => {
    for (const limit of limitsOf(fieldsMax)) {
      const count = total(tree, limit.measure, variables);
      if (count <= limit.max) continue;
      return refuseSize({ ...limit, count }, dearestPath(tree, limit.measure, variables));
    }
    const cost = total(tree, COST_PER_CALL, variables);
    if (cost <= costMax) return null;
    return refuseCost(cost, costMax, dearestFields(tree, COST_PER_CALL, variables, FIELDS_NAMED));
  };

  return {
    of(variables) {
      const tree = treeFor(variables);
      return tree instanceof GraphQLError
        ? Number.POSITIVE_INFINITY
        : total(tree, FIELDS, variables);
    },
    keyOf,
    isKnown: (variables) => conditions.length === 0 || trees.get(keyOf(variables)) !== undefined,
    cost(variables) {
      const tree = treeFor(variables);
      if (tree instanceof GraphQLError) throw tree;
      return tree.known?.cost ?? costOf(tree, variables);
    },
    refusal(variables) {
      const longList = longListIn(operation, variables);
      if (longList !== null) return longList;
      const tree = treeFor(variables);
      if (tree instanceof GraphQLError) return tree;
      return tree.known === null ? refusalOf(tree, variables) : tree.known.refusal;
    },
  };
}

interface CountedTree extends FieldTree {
  /** Null if it depends on the variables. */
  readonly known: { readonly refusal: GraphQLError | null; readonly cost: OperationCost } | null;
}

interface Limit extends Omit<Excess, 'count'> {
  readonly measure: Measure;
}

function limitsOf(fieldsMax: number): Limit[] {
  return [
    { measure: FIELDS_PER_CALL, what: 'fields', max: fieldsMax },
    { measure: EDGES, what: 'edges of pages', max: OPERATION_EDGES_MAX },
    { measure: INTROSPECTION, what: 'fields of introspection', max: INTROSPECTION_FIELDS_MAX },
  ];
}

function total(tree: FieldTree, measure: Measure, variables: Variables): number {
  return countTree(tree, measure, variables)[tree.root.index] ?? 0;
}

function costOf(tree: FieldTree, variables: Variables): OperationCost {
  return {
    requested: Math.max(COST_MIN, total(tree, COST, variables)),
    spent: total(tree, SPENT, variables),
  };
}

/** The conditions with a variable that decide whether a part of the document is executed. */
function conditionsIn(document: DocumentNode, given: GivenBy): Given[] {
  const conditions: Given[] = [];
  visit(document, {
    Directive: ({ arguments: nodes }) => {
      const condition = given(nodes, 'if');
      if (condition?.kind === 'VARIABLE') conditions.push(condition);
    },
  });
  return conditions;
}
