/** Computes the size of an operation from its tree, for the variables of one request. */
import type { FieldCount, FieldTree, ObjectNode } from './tree.js';
import type { Variables } from './variables.js';

/** What is counted: for each field itself, and for each of its items. */
export interface Measure {
  readonly ofField: (field: FieldCount) => number;
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
  return perItem === 0 ? ofField(field) : ofField(field) + itemsOf(field, variables) * perItem;
}

export function sizeOf({ size }: FieldCount, variables: Variables): number {
  return typeof size === 'number' ? size : size(variables);
}

/** Whether every request has the same count. */
export function isConstant({ nodes }: FieldTree): boolean {
  return nodes.every(({ fields }) => fields.every(({ size }) => typeof size === 'number'));
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
    path.push(field.list === null ? field.key : `${field.key}[${sizeOf(field, variables)}]`);
    node = largestOf<ObjectNode>(field.item, ({ index }) => counts[index] ?? 0);
  }
  return path.join('.');
}

function largestOf<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
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
