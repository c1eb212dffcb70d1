import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { UnavailableError } from '../domain/unavailable.js';
import { maskError } from './errors.js';

/** One for all, because under overload there are thousands a second, and an error with its stack is dear. */
const OVERLOADED = maskError(new UnavailableError('OVERLOADED'));

/** What the log is told of a call that is shed; telling gives it a request id. */
export const SHED = { errors: [OVERLOADED] } as const;

/** Answers a write before it is executed, as it would be answered by the full queue, for a tenth of the cost. */
export function answerShed(response: ServerResponse, mediaType: string): void {
  const { message, extensions } = OVERLOADED;
  const { code, retryable, requestId } = extensions;
  const text = JSON.stringify({
    errors: [{ message, extensions: { code, retryable, requestId } }],
  });
  response.writeHead(503, {
    'Content-Type': `${mediaType}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
    'Retry-After': '1',
  });
  response.end(text);
}
