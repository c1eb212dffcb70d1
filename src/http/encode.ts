/** Turns a result into an answer: status, headers and body. */
import { Buffer } from 'node:buffer';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Steps } from '../platform/steps.js';
import type { MediaType } from './accept.js';
import { httpOf, maskError } from './errors.js';
import type { Reply } from './incoming.js';
import { jsonInSteps } from './json-in-steps.js';
import { RESULT_TOO_LARGE } from './reasons.js';

const CONTENT_TYPES: Readonly<Record<MediaType, string>> = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

/** What takes less than a slice of the event loop's time. */
export const ENCODED_AT_ONCE_BYTES_MAX = 128 * 1024;

export type TextReply = Reply & { readonly body: string };

/** What is sent instead of a result that cannot be, for a reason. */
export type Instead = (reason: GraphQLError) => Failed;

type Failed = ExecutionResult & { readonly errors: readonly GraphQLError[] };

const justTheReason: Instead = (reason) => ({ errors: [reason] });

/** For a result that is larger than the limit, just the error that says so. */
export function encode(
  result: ExecutionResult,
  mediaType: MediaType,
  bytesMax: number,
  instead = justTheReason,
): TextReply {
  const { errors } = result;
  try {
    const reply =
      errors === undefined
        ? replyOfText(ANSWERED, mediaType, JSON.stringify(result))
        : encodeWithErrors(result, errors, mediaType);
    if (Number(reply.headers['Content-Length']) <= bytesMax) return reply;
  } catch (error) {
    return refusal(instead(reasonOf(error)), mediaType);
  }
  return refusal(instead(RESULT_TOO_LARGE()), mediaType);
}

/** The same for a large result, so that others have their turn meanwhile. */
export function* encodeInSteps(
  result: ExecutionResult,
  mediaType: MediaType,
  bytesMax: number,
  bytesExpected: number,
  instead = justTheReason,
): Steps<Reply> {
  const { errors } = result;
  try {
    const head = errors === undefined ? ANSWERED : headOf(result, errors, mediaType);
    const body = yield* jsonInSteps(toldOf(result), bytesMax, bytesExpected);
    if (body !== null) return replyOf(head, mediaType, body, body.length);
  } catch (error) {
    return refusal(instead(reasonOf(error)), mediaType);
  }
  return refusal(instead(RESULT_TOO_LARGE()), mediaType);
}

/** The same for a result without errors that is already JSON. */
export function encodeJson(
  json: string,
  mediaType: MediaType,
  bytesMax: number,
  instead = justTheReason,
): TextReply {
  const reply = replyOfText(ANSWERED, mediaType, json);
  const fits = Number(reply.headers['Content-Length']) <= bytesMax;
  return fits ? reply : refusal(instead(RESULT_TOO_LARGE()), mediaType);
}

/** The engine has a limit of its own for texts. */
function reasonOf(error: unknown): GraphQLError {
  const isTooLong = error instanceof RangeError && error.message === 'Invalid string length';
  return isTooLong ? RESULT_TOO_LARGE() : maskError(error);
}

function refusal(result: Failed, mediaType: MediaType): TextReply {
  return encodeWithErrors(result, result.errors, mediaType);
}

function encodeWithErrors(
  result: ExecutionResult,
  errors: readonly GraphQLError[],
  mediaType: MediaType,
): TextReply {
  return replyOfText(headOf(result, errors, mediaType), mediaType, JSON.stringify(toldOf(result)));
}

/** What the answer contains: its errors without their HTTP status. */
function toldOf({ errors, ...result }: ExecutionResult): object {
  return errors === undefined ? result : { ...result, errors: errors.map(withoutHttp) };
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

/** If nothing was answered, the highest status of the errors, and all their headers. */
function headOf(
  { data }: ExecutionResult,
  errors: readonly GraphQLError[],
  mediaType: MediaType,
): Head {
  if (hasAnswer(data)) return ANSWERED;
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

function replyOfText(head: Head, mediaType: MediaType, text: string): TextReply {
  return replyOf(head, mediaType, text, Buffer.byteLength(text));
}

function replyOf<Body extends Reply['body']>(
  { status, headers }: Head,
  mediaType: MediaType,
  body: Body,
  bytes: number,
): Reply & { readonly body: Body } {
  return {
    status,
    headers: {
      'Content-Type': CONTENT_TYPES[mediaType],
      'Content-Length': String(bytes),
      ...headers,
    },
    body,
  };
}
