/** Reads the parameters of a request, from the text of its body or from its address. */

import { ExactNumber } from '../schema/input/exact-number.js';
import { isJsonObject } from '../schema/input/values.js';
import { bodyTypeOf } from './body.js';
import { protocolError } from './errors.js';
import type { Incoming } from './incoming.js';
import { parseJson } from './json.js';
import { BODY_VALUES_MAX, hasMoreValues } from './json-size.js';

export interface Params {
  readonly query: string;
  /** Null if the document has only one operation, or should have. */
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

type Members = Readonly<Record<string, unknown>>;

const NAMES: ReadonlySet<string> = new Set(['query', 'operationName', 'variables', 'extensions']);

const NOTHING: Members = {};

export function paramsOfBody(incoming: Incoming, text: string): Params {
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

export function paramsOfSearch(search: string): Params {
  const parameters = new URLSearchParams(search);
  const textOf = (name: string) => parameters.get(name) || null;
  const parameter = (name: string) => {
    const text = textOf(name);
    return text === null ? null : jsonOf(text, `The parameter "${name}"`);
  };
  return checked({
    query: textOf('query'),
    operationName: textOf('operationName'),
    variables: parameter('variables'),
    extensions: parameter('extensions'),
  });
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
function checked(members: Members): Params {
  for (const name in members) {
    if (!NAMES.has(name) && members[name] !== null) {
      throw protocolError('BAD_REQUEST', `Unexpected parameter ${quote(name)}.`);
    }
  }
  const extensions = membersOf('extensions', members['extensions']);
  const query = queryOf(members['query'], extensions);
  const operationName = nameOf(members['operationName']);
  const variables = membersOf('variables', members['variables']);
  return { query, operationName, variables, extensions };
}

function queryOf(query: unknown, extensions: Members): string {
  if (typeof query === 'string' && query !== '') return query;
  if (query !== null && query !== undefined && query !== '')
    throw mistyped('query', 'a string', query);
  // Clients that send a hash first send the text after this error.
  if (isJsonObject(extensions['persistedQuery']))
    throw protocolError('PERSISTED_QUERY_NOT_SUPPORTED');
  throw protocolError('BAD_REQUEST', 'The request has no operation: send its text as "query".');
}

function nameOf(operationName: unknown): string | null {
  if (operationName === null || operationName === undefined || operationName === '') return null;
  if (typeof operationName === 'string') return operationName;
  throw mistyped('operationName', 'a string', operationName);
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
