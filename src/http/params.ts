/** Reads the parameters of a request, from the text of its body or from its address. */
import { Buffer } from 'node:buffer';
import { ExactNumber } from '../schema/input/exact-number.js';
import { isJsonObject } from '../schema/input/values.js';
import { bodyTypeOf } from './body.js';
import { protocolError } from './errors.js';
import type { Incoming } from './incoming.js';
import { parseJson } from './json.js';
import { BODY_VALUES_MAX, hasMoreValues } from './json-size.js';

/** A request whose document is known. */
export interface Params {
  readonly query: string;
  /** Null if the document has only one operation, or should have. */
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** A request as it was sent: with the text of its document, its id, its hash, or some of them. */
export interface Asked extends Omit<Params, 'query'> {
  readonly query: string | null;
  readonly documentId: string | null;
  readonly sha256Hash: string | null;
}

type Members = Readonly<Record<string, unknown>>;

const NAMES: ReadonlySet<string> = new Set([
  'query',
  'documentId',
  'operationName',
  'variables',
  'extensions',
]);

const NOTHING: Members = {};

export function paramsOfBody(incoming: Incoming, text: string): Asked {
  if (bodyTypeOf(incoming) === 'application/graphql') return checked({ query: text });
  if (hasMoreValues(text, BODY_VALUES_MAX)) {
    throw protocolError(
      'REQUEST_TOO_LARGE',
      `The request body contains more than ${BODY_VALUES_MAX} values, where an object or a list counts as ` +
        'two. Send fewer items at once.',
    );
  }
  const body = jsonOf(text, 'The body');
  if (Array.isArray(body)) throw protocolError('BAD_REQUEST', 'Batching is not supported.');
  if (!isJsonObject(body)) throw protocolError('BAD_REQUEST', 'The body must be a JSON object.');
  return checked(body);
}

export function paramsOfSearch(search: string): Asked {
  const parameters = new URLSearchParams(search);
  const textOf = (name: string) => {
    const text = parameters.get(name);
    return text ? detached(text) : null;
  };
  const parameter = (name: string) => {
    const text = textOf(name);
    return text === null ? null : jsonOf(text, `The parameter "${name}"`);
  };
  return checked({
    query: textOf('query'),
    documentId: textOf('documentId'),
    operationName: textOf('operationName'),
    variables: parameter('variables'),
    extensions: parameter('extensions'),
  });
}

/** A part of a text keeps all of it in memory: a short query that is cached would keep an address of 16 KiB. */
function detached(part: string): string {
  return Buffer.from(part).toString();
}

function jsonOf(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw protocolError('REQUEST_TOO_LARGE', error.message);
    const why = error instanceof SyntaxError ? `: ${error.message}` : '';
    throw protocolError('BAD_REQUEST', `${what} is not valid JSON${why}.`);
  }
}

/** Null counts as absent, and so does an empty text, which some clients send if there is nothing to fill in. */
function checked(members: Members): Asked {
  for (const name in members) {
    if (!NAMES.has(name) && members[name] !== null) {
      throw protocolError('BAD_REQUEST', `Unexpected parameter ${quote(name)}.`);
    }
  }
  const query = textOf('query', members['query']);
  const documentId = textOf('documentId', members['documentId']);
  const extensions = membersOf('extensions', members['extensions']);
  const sha256Hash = hashOf(extensions['persistedQuery']);
  if (query === null && documentId === null && sha256Hash === null) {
    throw protocolError('BAD_REQUEST', 'The request has no operation: send its text as "query".');
  }
  const operationName = textOf('operationName', members['operationName']);
  const variables = membersOf('variables', members['variables']);
  return { query, documentId, sha256Hash, operationName, variables, extensions };
}

function textOf(name: string, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  throw mistyped(name, 'a string', value);
}

/** Of Apollo's protocol, which other clients have adopted. */
function hashOf(persistedQuery: unknown): string | null {
  if (!isJsonObject(persistedQuery)) return null;
  const { version, sha256Hash } = persistedQuery;
  if (version !== 1) {
    throw protocolError('BAD_REQUEST', 'The "version" of "extensions.persistedQuery" must be 1.');
  }
  const hash = textOf('extensions.persistedQuery.sha256Hash', sha256Hash);
  if (hash !== null) return hash;
  throw protocolError('BAD_REQUEST', '"extensions.persistedQuery" has no "sha256Hash".');
}

function membersOf(name: string, value: unknown): Members {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (!isJsonObject(value)) throw mistyped(name, 'an object', value);
  return value;
}

function mistyped(name: string, expected: string, value: unknown) {
  return protocolError('BAD_REQUEST', `"${name}" must be ${expected}, not ${kindOf(value)}.`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof ExactNumber) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The most that an error repeats of what was sent. */
const QUOTE_CHARS_MAX = 200;

function quote(text: string): string {
  return JSON.stringify(text.slice(0, QUOTE_CHARS_MAX));
}
