/** Limits on documents: what a query may cost before anything of it runs. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql';
import { protocolError } from './errors.js';
import { refuseRepeats } from './repeated-fields.js';

/** Of a name in a document, in characters: names come back as keys and in the paths of errors. */
export const NAME_CHARS_MAX = 255;

/** Of a document: comments and blanks are read as well, and one that has a use of 64 KiB in it fits. */
export const DOCUMENT_CHARS_MAX = 128 * 1024;

/** Words and signs in a document. */
export const DOCUMENT_TOKENS_MAX = 2_000;

/** Brackets inside of brackets, of any kind: the parser calls itself for each. */
export const DOCUMENT_NESTING_MAX = 100;

/** Levels of fields in an operation, fragments followed. */
export const DOCUMENT_DEPTH_MAX = 15;

/** Fields at the root of an operation: each may be a write of its own. */
export const ROOT_FIELDS_MAX = 20;

/** Batches of usage at the root of an operation: aliases must not multiply their thousand writes. */
export const ROOT_BATCHES_MAX = 1;

/** The field that takes a batch, by its name: a document is measured before it meets the schema. */
const BATCH_FIELD = 'trackBalances';

/** Parses a document that is within the limits; throws a protocol error for others. */
export function parseWithinLimits(text: string): DocumentNode {
  if (text.length > DOCUMENT_CHARS_MAX) {
    throw tooComplex(`has more than ${DOCUMENT_CHARS_MAX} characters`);
  }
  const source = new Source(text);
  refuseSize(source);
  const document = parse(source);
  refuseShape(document);
  refuseRepeats(document);
  return document;
}

const OPENING: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const CLOSING: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Reads it word by word first, because the parser would overflow the stack. */
function refuseSize(source: Source): void {
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
    if (tokens > DOCUMENT_TOKENS_MAX) {
      throw tooComplex(`has more than ${DOCUMENT_TOKENS_MAX} words and signs`);
    }
    if (nesting > DOCUMENT_NESTING_MAX) {
      throw tooComplex(`nests brackets more than ${DOCUMENT_NESTING_MAX} deep`);
    }
  }
}

function refuseShape(document: DocumentNode): void {
  const shapeOf = shapes(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, width, batches } = shapeOf(definition.selectionSet);
    if (depth > DOCUMENT_DEPTH_MAX) {
      throw tooComplex(`nests fields more than ${DOCUMENT_DEPTH_MAX} levels deep`);
    }
    if (width > ROOT_FIELDS_MAX) {
      throw tooComplex(`has more than ${ROOT_FIELDS_MAX} fields at its root`);
    }
    if (batches > ROOT_BATCHES_MAX) {
      throw tooComplex(`has more than ${ROOT_BATCHES_MAX} ${BATCH_FIELD} at its root`);
    }
  }
}

/** What a query does more of than is allowed. */
export function tooComplex(what: string): GraphQLError {
  return protocolError('QUERY_TOO_COMPLEX', `The query ${what}, the most that is allowed.`);
}

/** How deep a selection goes, and how many fields, and batches among them, it has at its top. */
interface Shape {
  readonly depth: number;
  readonly width: number;
  readonly batches: number;
}

const NOTHING: Shape = { depth: 0, width: 0, batches: 0 };

/** Each fragment is looked at once, however often it is spread: bombs cost but their text. */
function shapes(document: DocumentNode): (selectionSet: SelectionSetNode | undefined) => Shape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  const known = new Map<SelectionSetNode, Shape>();
  const shapeOf = (selectionSet: SelectionSetNode | undefined): Shape => {
    if (selectionSet === undefined) return NOTHING;
    const before = known.get(selectionSet);
    if (before !== undefined) return before;
    // What a fragment has of itself counts as nothing: validation refuses such a circle.
    known.set(selectionSet, NOTHING);
    let { depth, width, batches } = NOTHING;
    for (const selection of selectionSet.selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner = shapeOf(
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragments.get(selection.name.value)?.selectionSet
          : selection.selectionSet,
      );
      depth = Math.max(depth, isField ? inner.depth + 1 : inner.depth);
      width += isField ? 1 : inner.width;
      batches += isField ? Number(selection.name.value === BATCH_FIELD) : inner.batches;
    }
    const shape = { depth, width, batches };
    known.set(selectionSet, shape);
    return shape;
  };
  return shapeOf;
}
