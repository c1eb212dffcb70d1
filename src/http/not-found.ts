import { Buffer } from 'node:buffer';
import { mediaTypeUnlessText } from './accept.js';
import { encode } from './encode.js';
import { protocolError } from './errors.js';
import type { Incoming, Reply } from './incoming.js';

const ERROR = protocolError('NOT_FOUND');

const SENTENCE: Reply = {
  status: 404,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(ERROR.message)),
  },
  body: ERROR.message,
};

/** The answer at an address where there is nothing: as text for people, and as JSON for clients. No key is needed. */
export function notFoundReply(incoming: Incoming): Reply {
  const mediaType = mediaTypeUnlessText(incoming.header('accept'));
  if (mediaType === null) return SENTENCE;
  return encode({ errors: [ERROR] }, mediaType, Number.POSITIVE_INFINITY);
}
