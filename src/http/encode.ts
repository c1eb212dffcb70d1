/** Turns a result into an answer: status, headers and body. */
import { Buffer } from 'node:buffer';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { MediaType } from './accept.js';
import { httpOf, protocolError } from './errors.js';
import type { Reply } from './incoming.js';

const CONTENT_TYPES: Readonly<Record<MediaType, string>> = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

/** For a result that is larger than the limit, just the error that says so. */
export function encode(result: ExecutionResult, mediaType: MediaType, bytesMax: number): Reply {
  const { errors } = result;
  if (errors === undefined) return encodeJson(JSON.stringify(result), mediaType, bytesMax);
  return bounded(encodeWithErrors(result, errors, mediaType), mediaType, bytesMax);
}

/** The same for a result without errors that is already JSON. */
export function encodeJson(json: string, mediaType: MediaType, bytesMax: number): Reply {
  return bounded(replyOf(200, {}, mediaType, json), mediaType, bytesMax);
}

function bounded(reply: Reply, mediaType: MediaType, bytesMax: number): Reply {
  if (Number(reply.headers['Content-Length']) <= bytesMax) return reply;
  const errors = [protocolError('RESULT_TOO_LARGE')];
  return encodeWithErrors({ errors }, errors, mediaType);
}

function encodeWithErrors(
  result: ExecutionResult,
  errors: readonly GraphQLError[],
  mediaType: MediaType,
): Reply {
  const { status, headers } = hasAnswer(result.data) ? ANSWERED : headOf(errors, mediaType);
  const told = { ...result, errors: errors.map(withoutHttp) };
  return replyOf(status, headers, mediaType, JSON.stringify(told));
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A result that contains any answer is sent with 200, as GraphQL over HTTP requires: a client that gets a 503
 * sends all of it again, including recorded usage without a key. If nothing at all
 * was answered, the request gets the status of the errors.
 */
const ANSWERED: Head = { status: 200, headers: {} };

function hasAnswer(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).some(isAnswer);
}

/** A batch whose items have all failed contains no answer. */
function isAnswer(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
    ? value.some((item) => item !== null)
    : value !== null;
}

/** The highest status of the errors, and all their headers. */
function headOf(errors: readonly GraphQLError[], mediaType: MediaType): Head {
  let status = 200;
  const headers: Record<string, string> = {};
  for (const error of errors) {
    const http = httpOf(error);
    if (http === undefined) continue;
    Object.assign(headers, http.headers);
    if (http.spec === true && mediaType === 'application/json') continue;
    status = Math.max(status, http.status);
  }
  return { status, headers };
}

/** What the answer contains about the error besides its HTTP status. */
function withoutHttp(error: GraphQLError): object {
  const { extensions, ...told } = error.toJSON();
  const { http, ...others } = extensions ?? {};
  return Object.keys(others).length === 0 ? told : { ...told, extensions: others };
}

function replyOf(
  status: number,
  headers: Head['headers'],
  mediaType: MediaType,
  body: string,
): Reply {
  return {
    status,
    headers: {
      'Content-Type': CONTENT_TYPES[mediaType],
      'Content-Length': String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
  };
}
