/** Reads what a request asks for, from bodies of a bounded size. */
import { Buffer, isUtf8 } from 'node:buffer';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { isJsonObject } from '../schema/input/values.js';
import { protocolError } from './errors.js';
import { parseJson } from './json.js';

/**
 * In place of Yoga's own parsers and of its limit, which pipes every body through another stream.
 * Forms and plain text are not taken: a browser sends them for any page that asks it to.
 */
export function useBoundedBody(bytesMax: number): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') setRequestParser(paramsOfUrl);
      if (request.method === 'POST') setRequestParser(bodyParser(request, bytesMax));
    },
  };
}

function bodyParser({ headers }: Request, bytesMax: number) {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  const encoding = headers.get('content-encoding') ?? 'identity';
  const isJson = type === 'application/json';
  if ((!isJson && type !== 'application/graphql') || encoding !== 'identity') {
    throw protocolError('UNSUPPORTED_MEDIA_TYPE');
  }
  return async (request: Request): Promise<GraphQLParams> => {
    const text = await readText(request, bytesMax);
    return isJson ? paramsOf(jsonOf(text, 'The body')) : { query: text };
  };
}

async function readText(request: Request, bytesMax: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null && !/^\d+$/.test(length)) {
    throw protocolError('BAD_REQUEST', 'The Content-Length is not a number.');
  }
  if (Number(length) > bytesMax) throw tooLarge(bytesMax);
  // Node's parser ends a body at its Content-Length, so only one without has to be counted.
  const bytes =
    length === null
      ? await readCounted(request, bytesMax)
      : Buffer.from(await request.arrayBuffer());
  // Else broken bytes would be read as U+FFFD, and two different keys might become one.
  if (!isUtf8(bytes)) throw protocolError('BAD_REQUEST', 'The body is not UTF-8.');
  return bytes.toString('utf8');
}

async function readCounted({ body }: Request, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // What is too much is let go, but read: leaving the loop would cut the client off, unanswered.
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  if (bytes > bytesMax) throw tooLarge(bytesMax);
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number) {
  return protocolError(
    'REQUEST_TOO_LARGE',
    `The request body is larger than ${bytesMax} bytes, the most that is read.`,
  );
}

function jsonOf(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    return refuseJson(error, what);
  }
}

function refuseJson(error: unknown, what: string): never {
  const why = error instanceof SyntaxError ? `: ${error.message}` : '';
  throw protocolError('BAD_REQUEST', `${what} is not valid JSON${why}.`);
}

/** Yoga checks the members; here it only becomes an object. */
function paramsOf(body: unknown): GraphQLParams {
  if (Array.isArray(body)) throw protocolError('BAD_REQUEST', 'Batching is not supported.');
  if (isJsonObject(body)) return body;
  throw protocolError('BAD_REQUEST', 'The body must be a JSON object.');
}

function paramsOfUrl({ url }: Request): GraphQLParams {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  const parameter = (name: string) => {
    const text = query.get(name);
    return text ? { [name]: jsonOf(text, `The parameter "${name}"`) } : {};
  };
  return {
    ...(query.get('query') && { query: query.get('query') ?? '' }),
    ...(query.get('operationName') && { operationName: query.get('operationName') ?? '' }),
    ...parameter('variables'),
    ...parameter('extensions'),
  };
}
