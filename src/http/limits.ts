/** Limits on documents: what a query may cost before anything of it runs. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ParseOptions,
  parse,
  type SelectionSetNode,
  type Source,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { protocolError } from './errors.js';

/** Tokens in a document, names and braces alike. */
export const DOCUMENT_TOKENS_MAX = 2_000;

/** Levels of fields in an operation, fragments followed. */
export const DOCUMENT_DEPTH_MAX = 15;

/** Fields at the root of an operation: each may be a write of its own. */
export const ROOT_FIELDS_MAX = 20;

/** Refuses documents beyond the limits while they are parsed, before they are validated. */
export function useDocumentLimits(): Plugin {
  return {
    onParse: ({ setParseFn }) => setParseFn(parseWithinLimits),
  };
}

export function parseWithinLimits(source: string | Source, options?: ParseOptions): DocumentNode {
  const document = parse(source, { ...options, maxTokens: DOCUMENT_TOKENS_MAX });
  const shapeOf = shapes(document);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) refuseShape(definition, shapeOf);
  }
  return document;
}

/** How deep a selection goes, and how many fields it has at its top. */
interface Shape {
  readonly depth: number;
  readonly width: number;
}

type ShapeOf = (selectionSet: SelectionSetNode | undefined) => Shape;

function refuseShape({ selectionSet }: OperationDefinitionNode, shapeOf: ShapeOf): void {
  const { depth, width } = shapeOf(selectionSet);
  if (depth > DOCUMENT_DEPTH_MAX) {
    throw tooComplex(`nests fields ${depth} deep`, `${DOCUMENT_DEPTH_MAX} levels`);
  }
  if (width > ROOT_FIELDS_MAX) {
    throw tooComplex(`has ${width} root fields`, `${ROOT_FIELDS_MAX} of them`);
  }
}

function tooComplex(what: string, most: string): GraphQLError {
  return protocolError('QUERY_TOO_COMPLEX', `The operation ${what}; at most ${most} are allowed.`);
}

/** Each fragment is looked at once, however often it is spread: bombs cost no more than their text. */
function shapes(document: DocumentNode): ShapeOf {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  const known = new Map<SelectionSetNode, Shape>();
  const shapeOf: ShapeOf = (selectionSet) => {
    if (selectionSet === undefined) return { depth: 0, width: 0 };
    const before = known.get(selectionSet);
    if (before !== undefined) return before;
    // What a fragment adds inside of itself counts as nothing: validation refuses such a cycle.
    known.set(selectionSet, { depth: 0, width: 0 });
    let depth = 0;
    let width = 0;
    for (const selection of selectionSet.selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner = shapeOf(
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragments.get(selection.name.value)?.selectionSet
          : selection.selectionSet,
      );
      depth = Math.max(depth, isField ? inner.depth + 1 : inner.depth);
      width += isField ? 1 : inner.width;
    }
    const shape = { depth, width };
    known.set(selectionSet, shape);
    return shape;
  };
  return shapeOf;
}
