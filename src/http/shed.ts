import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { UnavailableError } from '../domain/unavailable.js';
import { maskError } from './errors.js';
import { CONTENT_TYPES, type MediaType } from './plain-request.js';

const { message, extensions } = maskError(new UnavailableError('OVERLOADED'));
const { code, retryable } = extensions;

/** What every such answer says, but for the request's id. */
const [BEFORE_ID, AFTER_ID] = JSON.stringify({
  errors: [{ message, extensions: { code, retryable, requestId: '*' } }],
}).split('*') as [string, string];

const BYTES_BESIDE_ID = Buffer.byteLength(BEFORE_ID + AFTER_ID);

/**
 * Answers a request that is not executed, as it would be answered by the full queue. Put together by hand, because in a flood
 * there are thousands a second. The id is made of letters, digits and `_.:-`.
 */
export function answerShed(
  response: ServerResponse,
  mediaType: MediaType,
  requestId: string,
): void {
  const text = BEFORE_ID + requestId + AFTER_ID;
  response.writeHead(503, {
    'Content-Type': CONTENT_TYPES[mediaType],
    'Content-Length': BYTES_BESIDE_ID + requestId.length,
    'Retry-After': '1',
  });
  response.end(text);
}
