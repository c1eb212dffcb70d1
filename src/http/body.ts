/** Reads the text of a body of a bounded size. */
import { type Buffer, isUtf8 } from 'node:buffer';
import { protocolError } from './errors.js';
import type { Incoming, ThenBody } from './incoming.js';

/** Others are not accepted: a browser sends forms and plain text on behalf of any page. */
export type BodyType = 'application/json' | 'application/graphql';

/** The type of the body; null for one that is not accepted. */
export function bodyTypeOf(incoming: Incoming): BodyType | null {
  const given = incoming.header('content-type');
  if (given === 'application/json') return given;
  const type = given?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json' || type === 'application/graphql' ? type : null;
}

const WHOLE_NUMBER = /^\d+$/;

/** Reads it as text. Throws, or fails, with a protocol error. */
export function readBody(incoming: Incoming, bytesMax: number, then: ThenBody<string>): void {
  if (bodyTypeOf(incoming) === null || isEncoded(incoming)) {
    throw protocolError('UNSUPPORTED_MEDIA_TYPE');
  }
  const length = incoming.header('content-length');
  if (length !== undefined && !WHOLE_NUMBER.test(length)) {
    throw protocolError('BAD_REQUEST', 'The Content-Length is not a number.');
  }
  if (Number(length) > bytesMax) throw tooLarge(bytesMax);
  incoming.readBody(bytesMax, {
    next: (bytes) => {
      try {
        then.next(textOf(bytes, bytesMax));
      } catch (error) {
        then.fail(error);
      }
    },
    fail: then.fail,
    received: then.received,
  });
}

/** The header is a list, which may be empty. */
function isEncoded(incoming: Incoming): boolean {
  const encodings = incoming.header('content-encoding')?.toLowerCase().split(',') ?? [];
  return encodings.some((encoding) => !PLAIN.has(encoding.trim()));
}

const PLAIN: ReadonlySet<string> = new Set(['', 'identity']);

const BYTE_ORDER_MARK = '\ufeff';

function textOf(bytes: Buffer | null, bytesMax: number): string {
  if (bytes === null) throw tooLarge(bytesMax);
  // Otherwise invalid bytes would be read as U+FFFD, and two different keys might become the same.
  if (!isUtf8(bytes)) throw protocolError('BAD_REQUEST', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function tooLarge(bytesMax: number) {
  return protocolError(
    'REQUEST_TOO_LARGE',
    `The request body is larger than ${bytesMax} bytes, the maximum.`,
  );
}
