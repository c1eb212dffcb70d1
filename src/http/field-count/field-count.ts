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
import { protocolError } from '../errors.js';
import {
  countTree,
  dearestPath,
  EDGES,
  FIELDS,
  FIELDS_PER_CALL,
  INTROSPECTION,
  isConstant,
  type Measure,
} from './count.js';
import { INTROSPECTION_FIELDS_MAX } from './introspection.js';
import { longListIn } from './long-lists.js';
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
  /** The error for an operation that is too large; null for any other. */
  refusal(variables: Variables): GraphQLError | null;
}

export interface FieldCountOptions {
  readonly schema: GraphQLSchema;
  /** A valid one. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The maximum number of fields in an operation, with one item of a batch. */
  readonly fieldsMax: number;
}

/** The maximum number of items of pages in an operation, including pages inside pages. */
export const OPERATION_EDGES_MAX = 25_000;

/** Of the trees kept per operation, which has one for each combination of its conditions. */
const TREE_BOUNDS = {
  entryCharsMax: Number.POSITIVE_INFINITY,
  generationEntriesMax: 8,
  generationCharsMax: Number.POSITIVE_INFINITY,
};

export function createFieldCount(options: FieldCountOptions): FieldCount {
  const { schema, document, operation, fieldsMax } = options;
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
      return { ...tree, isAllowed: isConstant(tree) && excessOf(tree, {}) === null };
    } catch (error) {
      // Counting it would take too long. Kept, because finding that out takes as long each time.
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  };

  const excessOf = (tree: FieldTree, variables: Variables): Excess | null => {
    for (const limit of limitsOf(fieldsMax)) {
      const count = total(tree, limit.measure, variables);
      if (count > limit.max) return { ...limit, count };
    }
    return null;
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
    refusal(variables) {
      const longList = longListIn(operation, variables);
      if (longList !== null) return longList;
      const tree = treeFor(variables);
      if (tree instanceof GraphQLError) return tree;
      const excess = tree.isAllowed ? null : excessOf(tree, variables);
      return excess && refuse(excess, dearestPath(tree, excess.measure, variables));
    },
  };
}

interface CountedTree extends FieldTree {
  /** Whether it is within the limits for all variables. */
  readonly isAllowed: boolean;
}

interface Limit {
  readonly measure: Measure;
  readonly what: string;
  readonly max: number;
}

interface Excess extends Limit {
  readonly count: number;
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

function refuse({ count, what, max }: Excess, path: string): GraphQLError {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    `The query may have ${shown(count)} ${what}, counting each list at its maximum size; ` +
      `at most ${max} are allowed. Most of them are at "${cutPath(path)}". Ask for smaller pages, ` +
      'for fewer nested lists, or send several queries.',
  );
}

/** Larger numbers are rounded in messages. */
const EXACT_MAX = 10 ** 15;

function shown(count: number): string {
  return count <= EXACT_MAX ? String(count) : 'more than 10^15';
}

/** Limits a path, whose names were chosen by the client. */
const PATH_CHARS_MAX = 200;

function cutPath(path: string): string {
  return path.length <= PATH_CHARS_MAX ? path : `${path.slice(0, PATH_CHARS_MAX)}…`;
}
