/** The maximum number of items in a list: a number, or depending on the request. */
import { type FieldNode, type GraphQLField, type GraphQLSchema, Kind } from 'graphql';
import { EDGES, isPage } from '../../schema/cost.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../schema/input/limits.js';
import { listSizeOf } from '../../schema/list-size.js';
import { type GivenBy, itemCount, type Variables, wholeNumber } from './variables.js';

export type Size = number | ((variables: Variables) => number);

type Field = GraphQLField<unknown, unknown>;

/** The sizes of nested lists that are known from this field: of a page, or of shares. */
export type InnerSizes = Readonly<Record<string, Size>>;

export const NO_SIZES: InnerSizes = {};

/** The size of a list; one that its parent knows takes precedence. */
export function ownSize(field: Field, node: FieldNode, given: GivenBy, known: InnerSizes): Size {
  const fromParent = known[field.name];
  if (fromParent !== undefined) return fromParent;
  const declared = listSizeOf(field);
  if (declared === null) return 1;
  const { max, asManyAs } = declared;
  return asManyAs === undefined ? max : asManyAsOf(node, asManyAs, given, max);
}

export function innerSizes(field: Field, node: FieldNode, given: GivenBy): InnerSizes {
  if (isPage(field)) return { [EDGES]: pageSize(node, given) };
  const sharedOut = listSizeOf(field)?.sharedOut;
  // Each item has a share, so all shares together count as one per item.
  return sharedOut === undefined ? NO_SIZES : { [sharedOut]: 1 };
}

export function isBatch(field: Field): boolean {
  return listSizeOf(field)?.isBatch === true;
}

/** The names of the mutations that take a batch. */
export function batchFieldsOf(schema: GraphQLSchema): ReadonlySet<string> {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  return new Set(fields.filter(isBatch).map(({ name }) => name));
}

/** Whether it contains the items of a page, whose size its parent knows. */
export function isEdges(field: Field, known: InnerSizes): boolean {
  return field.name === EDGES && known[EDGES] !== undefined;
}

function pageSize({ arguments: nodes }: FieldNode, given: GivenBy): Size {
  const first = given(nodes, 'first');
  const last = given(nodes, 'last');
  const size = (variables: Variables) => {
    const sizes = [wholeNumber(first, variables), wholeNumber(last, variables)];
    const asked = sizes.filter((size) => size !== null);
    // More than a page may have is refused by its resolver.
    return asked.length === 0 ? PAGE_SIZE_DEFAULT : Math.min(Math.max(0, ...asked), PAGE_SIZE_MAX);
  };
  return [first, last].some((value) => value?.kind === 'VARIABLE') ? size : size({});
}

function asManyAsOf(node: FieldNode, argument: string, given: GivenBy, max: number): Size {
  const list = given(node.arguments, argument);
  const size = (variables: Variables) => Math.min(itemCount(list, variables), max);
  const isConstant = list?.kind === 'LITERAL' && list.node.kind === Kind.LIST;
  return isConstant ? size({}) : size;
}
