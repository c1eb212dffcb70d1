/** Computes the size of an operation from its tree, for the variables of one request. */
import type { Size } from './sizes.js';
import type { FieldCount, FieldTree, ObjectNode } from './tree.js';
import type { Variables } from './variables.js';

/** What is counted: for each field itself, and for each of its items. */
export interface Measure {
  readonly ofField: (field: FieldCount, variables: Variables) => number;
  readonly ofItem: (field: FieldCount) => number;
  /** How many items it has. */
  readonly sizeOf: (field: FieldCount, variables: Variables) => number;
}

/** Fields, and the items of lists that have none. */
export const FIELDS: Measure = {
  ofField: ({ introspected }) => Math.max(1, introspected),
  ofItem: ({ list, item }) => (list !== null && item.length === 0 ? 1 : 0),
  sizeOf,
};

/** The same, of one item of a batch: each is a call that could have been sent by itself. */
export const FIELDS_PER_CALL: Measure = {
  ...FIELDS,
  sizeOf: (field, variables) => {
    const size = sizeOf(field, variables);
    return field.list === 'BATCH' ? Math.min(1, size) : size;
  },
};

/** Items of pages, each of which is a row to read. */
export const EDGES: Measure = {
  ofField: () => 0,
  ofItem: ({ list }) => (list === 'PAGE' ? 1 : 0),
  sizeOf,
};

/** Fields that read the schema. */
export const INTROSPECTION: Measure = {
  ofField: ({ introspected }) => introspected,
  ofItem: () => 0,
  sizeOf,
};

/** Rows and statements, by the weights that the schema declares. */
export const COST: Measure = {
  ofField: ({ weights: { field, row, rows } }, variables) =>
    row === 0 ? field : field + row * numberOf(rows, variables),
  ofItem: ({ weights: { item } }) => item,
  sizeOf,
};

/** The same, of one item of a batch. */
export const COST_PER_CALL: Measure = { ...COST, sizeOf: FIELDS_PER_CALL.sizeOf };

/** What is spent whatever is found: calls that write, and looks into the schema. */
export const SPENT: Measure = {
  ofField: ({ weights: { field, isSpent } }) => (isSpent ? field : 0),
  ofItem: ({ weights: { item, isSpent } }) => (isSpent ? item : 0),
  sizeOf,
};

/** By the size of an object of each node. Sums that exceed every number become infinity. */
export type Counts = Float64Array;

export function countTree({ nodes }: FieldTree, measure: Measure, variables: Variables): Counts {
  const counts = new Float64Array(nodes.length);
  for (const { index, fields } of nodes) {
    let count = 0;
    for (const field of fields) count += countField(field, measure, counts, variables);
    counts[index] = count;
  }
  return counts;
}

function countField(
  field: FieldCount,
  { ofField, ofItem, sizeOf: itemsOf }: Measure,
  counts: Counts,
  variables: Variables,
): number {
  let largest = 0;
  for (const { index } of field.item) largest = Math.max(largest, counts[index] ?? 0);
  const perItem = ofItem(field) + largest;
  // Infinity times zero is not a number.
  const own = ofField(field, variables);
  return perItem === 0 ? own : own + itemsOf(field, variables) * perItem;
}

/** A field and its items, without what they lead to. */
export function ownCount(
  field: FieldCount,
  { ofField, ofItem, sizeOf: itemsOf }: Measure,
  variables: Variables,
): number {
  return ofField(field, variables) + ofItem(field) * itemsOf(field, variables);
}

export function sizeOf({ size }: FieldCount, variables: Variables): number {
  return numberOf(size, variables);
}

function numberOf(size: Size, variables: Variables): number {
  return typeof size === 'number' ? size : size(variables);
}

/** Whether every request has the same count. */
export function isConstant({ nodes }: FieldTree): boolean {
  return nodes.every(({ fields }) =>
    fields.every(
      ({ size, weights }) => typeof size === 'number' && typeof weights.rows === 'number',
    ),
  );
}

/** The path to where most of it is: `customers.edges[100].node.balances[1000]`. */
export function dearestPath(tree: FieldTree, measure: Measure, variables: Variables): string {
  const counts = countTree(tree, measure, variables);
  const path: string[] = [];
  let node: ObjectNode | undefined = tree.root;
  while (node !== undefined) {
    const field: FieldCount | undefined = largestOf(node.fields, (each) =>
      countField(each, measure, counts, variables),
    );
    if (field === undefined) break;
    path.push(nameOf(field, variables));
    node = largestOf<ObjectNode>(field.item, ({ index }) => counts[index] ?? 0);
  }
  return path.join('.');
}

/** A field in a path: `balances[1000]`. */
export function nameOf(field: FieldCount, variables: Variables): string {
  return field.list === null ? field.key : `${field.key}[${sizeOf(field, variables)}]`;
}

export function largestOf<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let largest: T | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const size = measure(item);
    if (size <= most) continue;
    most = size;
    largest = item;
  }
  return largest;
}
