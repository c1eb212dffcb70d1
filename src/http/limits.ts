/** Limits on documents, checked before anything of them runs. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  Lexer,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql';
import { protocolError } from './errors.js';
import { fragmentsOf } from './merged-fields.js';
import { refuseRepeats } from './repeated-fields.js';

/** Of a name in a document, in characters: names reappear as keys and in the paths of errors. */
export const NAME_CHARS_MAX = 255;

/** Of a document, including comments and white space; a usage event with 64 KiB of properties fits. */
export const DOCUMENT_CHARS_MAX = 128 * 1024;

/** Lines of a document: for the place of an error, graphql-js counts those before it. */
export const DOCUMENT_LINES_MAX = 5_000;

/** Tokens in a document. */
export const DOCUMENT_TOKENS_MAX = 2_000;

/** Nested brackets of any kind: the parser calls itself for each. */
export const DOCUMENT_NESTING_MAX = 100;

/** Levels of fields in an operation, with fragments expanded. */
export const DOCUMENT_DEPTH_MAX = 15;

/** Fields at the root of an operation: each may be a separate write. */
export const ROOT_FIELDS_MAX = 20;

/** The same with all their repetitions: no client spreads a fragment so often. */
const ROOT_FIELDS_WRITTEN_MAX = 1_000;

/** Batches at the root of an operation, of whatever verbs: aliases must not multiply their thousand writes. */
export const ROOT_BATCHES_MAX = 1;

/**
 * Parses a document that is within the limits; throws a protocol error for any other. The fields that take a batch are given
 * by their names: a document is measured before it meets the schema.
 */
export function parseWithinLimits(text: string, batchFields: ReadonlySet<string>): DocumentNode {
  refuseLength(text);
  const source = new Source(text);
  refuseSize(source);
  const document = parse(source);
  refuseShape(document);
  refuseBatches(document, batchFields);
  refuseRepeats(document);
  return document;
}

/**
 * The same for a document whose author is trusted not to make it expensive by its shape: with as many words, levels and aliases as it
 * needs. What keeps the parser and the positions of errors cheap applies nevertheless, and so does the number of batches.
 */
export function parseTrusted(text: string, batchFields: ReadonlySet<string>): DocumentNode {
  refuseLength(text);
  const source = new Source(text);
  refuseSize(source, Number.POSITIVE_INFINITY);
  const document = parse(source);
  refuseBatches(document, batchFields);
  return document;
}

function refuseLength(text: string): void {
  if (text.length > DOCUMENT_CHARS_MAX) {
    throw tooComplex(`has more than ${DOCUMENT_CHARS_MAX} characters`);
  }
  if (hasMoreLines(text, DOCUMENT_LINES_MAX)) {
    throw tooComplex(`has more than ${DOCUMENT_LINES_MAX} lines`);
  }
}

/** What ends a line in GraphQL. */
const LINE_END = /\r\n|[\n\r]/g;

function hasMoreLines(text: string, max: number): boolean {
  let lines = 1;
  for (const _ of text.matchAll(LINE_END)) {
    lines += 1;
    if (lines > max) return true;
  }
  return false;
}

const OPENING: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const CLOSING: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Reads it token by token first, because the parser could overflow the stack. */
function refuseSize(source: Source, tokensMax = DOCUMENT_TOKENS_MAX): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let nesting = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    const { kind } = token;
    if (kind === TokenKind.NAME && token.end - token.start > NAME_CHARS_MAX) {
      throw tooComplex(`has names of more than ${NAME_CHARS_MAX} characters`);
    }
    if (OPENING.includes(kind)) nesting += 1;
    if (CLOSING.includes(kind)) nesting -= 1;
    if (tokens > tokensMax) {
      throw tooComplex(`has more than ${tokensMax} words and signs`);
    }
    if (nesting > DOCUMENT_NESTING_MAX) {
      throw tooComplex(`nests brackets more than ${DOCUMENT_NESTING_MAX} deep`);
    }
  }
}

function refuseShape(document: DocumentNode): void {
  const fragments = fragmentsOf(document);
  const shapeOf = shapes(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, width } = shapeOf(definition.selectionSet);
    if (depth > DOCUMENT_DEPTH_MAX) {
      throw tooComplex(`nests fields more than ${DOCUMENT_DEPTH_MAX} levels deep`);
    }
    if (width > ROOT_FIELDS_WRITTEN_MAX) {
      throw tooComplex(`repeats the fields at its root more than ${ROOT_FIELDS_WRITTEN_MAX} times`);
    }
    if (fieldsAt(definition.selectionSet, fragments).size > ROOT_FIELDS_MAX) {
      throw tooComplex(`has more than ${ROOT_FIELDS_MAX} fields at its root`);
    }
  }
}

function refuseBatches(document: DocumentNode, batchFields: ReadonlySet<string>): void {
  const fragments = fragmentsOf(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const fields = fieldsAt(definition.selectionSet, fragments);
    const batches = [...fields.values()].filter((name) => batchFields.has(name));
    if (batches.length > ROOT_BATCHES_MAX) {
      const names = [...new Set(batches)].join(', ');
      throw tooComplex(`has more than ${ROOT_BATCHES_MAX} batch (${names}) at its root`);
    }
  }
}

/** The error for an operation that exceeds a limit. */
export function tooComplex(what: string): GraphQLError {
  return protocolError('QUERY_TOO_COMPLEX', `The operation ${what}, which is the maximum.`);
}

/** The fields of a selection, merged, by their keys in the answer: what is requested twice is executed once. */
function fieldsAt(root: SelectionSetNode, fragments: Fragments): Map<string, string> {
  const fields = new Map<string, string>();
  // The set grows while it is iterated: each fragment is visited once.
  const sets = new Set([root]);
  for (const { selections } of sets) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields.set((selection.alias ?? selection.name).value, selection.name.value);
        continue;
      }
      const inner = selectedBy(selection, fragments);
      if (inner !== undefined) sets.add(inner);
    }
  }
  return fields;
}

/** The depth of a selection, and the number of fields at its top as they are written out. */
interface Shape {
  readonly depth: number;
  readonly width: number;
}

const NOTHING: Shape = { depth: 0, width: 0 };

/** Each fragment is visited once, however often it is spread: fragment bombs cost no more than their text. */
function shapes(fragments: Fragments): (selectionSet: SelectionSetNode | undefined) => Shape {
  const known = new Map<SelectionSetNode, Shape>();
  const shapeOf = (selectionSet: SelectionSetNode | undefined): Shape => {
    if (selectionSet === undefined) return NOTHING;
    const before = known.get(selectionSet);
    if (before !== undefined) return before;
    // A fragment within itself counts as nothing: validation refuses such a cycle.
    known.set(selectionSet, NOTHING);
    let { depth, width } = NOTHING;
    for (const selection of selectionSet.selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner = shapeOf(selectedBy(selection, fragments));
      depth = Math.max(depth, isField ? inner.depth + 1 : inner.depth);
      width += isField ? 1 : inner.width;
    }
    const shape = { depth, width };
    known.set(selectionSet, shape);
    return shape;
  };
  return shapeOf;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function selectedBy(selection: SelectionNode, fragments: Fragments): SelectionSetNode | undefined {
  return selection.kind === Kind.FRAGMENT_SPREAD
    ? fragments.get(selection.name.value)?.selectionSet
    : selection.selectionSet;
}
