import { Buffer } from 'node:buffer';
import { UnavailableError } from '../domain/unavailable.js';
import { type MediaType, mediaTypeOf } from './accept.js';
import { encode, type TextReply } from './encode.js';
import { maskError } from './errors.js';
import type { Incoming, Reply } from './incoming.js';
import type { OperationLog } from './request-log.js';

const PLACE_OF_ID = '*';

const error = maskError(new UnavailableError('OVERLOADED'));
error.extensions['requestId'] = PLACE_OF_ID;

const TEMPLATES = {
  'application/json': templateOf('application/json'),
  'application/graphql-response+json': templateOf('application/graphql-response+json'),
} as const satisfies Record<MediaType, Template>;

interface Template {
  readonly reply: TextReply;
  readonly beforeId: string;
  readonly afterId: string;
  readonly bytesBesideId: number;
}

function templateOf(mediaType: MediaType): Template {
  const reply = encode({ errors: [error] }, mediaType, Number.POSITIVE_INFINITY);
  const [beforeId = '', afterId = ''] = reply.body.split(PLACE_OF_ID);
  return { reply, beforeId, afterId, bytesBesideId: Buffer.byteLength(beforeId + afterId) };
}

/** The answer to a request that is not executed, which is counted in the log. */
export function shed(log: Pick<OperationLog, 'shed'>, incoming: Incoming): Reply {
  const mediaType = mediaTypeOf(incoming.header('accept')) ?? 'application/json';
  log.shed(incoming.requestId);
  return shedReply(mediaType, incoming.requestId);
}

/**
 * The answer to a request that is not executed, as the full queue would give it. Encoded once, because in a flood
 * there are thousands a second. The id has nothing that JSON would have to escape.
 */
function shedReply(mediaType: MediaType, requestId: string): Reply {
  const { reply, beforeId, afterId, bytesBesideId } = TEMPLATES[mediaType];
  const length = String(bytesBesideId + requestId.length);
  return {
    status: reply.status,
    headers: { ...reply.headers, 'Content-Length': length },
    body: beforeId + requestId + afterId,
  };
}
