/** Just enough HTTP to find the end of an answer and whether it is a success. */

/** The kind of an answer, or that it is not complete yet. */
export type Verdict = 'INCOMPLETE' | 'SUCCESS' | 'REFUSED' | 'FAILED';

export interface Expected {
  /** The status of a success. */
  readonly status: number;
  /** What the body of a success contains... */
  readonly success: Buffer;
  /** ...this many times. */
  readonly successes: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKS_END = Buffer.from('\r\n0\r\n\r\n');
const OVERLOADED = Buffer.from('"code":"OVERLOADED"');
const CONTENT_LENGTH = 'content-length:';
const [LINE_FEED, SPACE, ZERO, NINE] = [10, 32, 48, 57];
const LOWER_CASE = 32;

/** Examines the first `length` bytes. */
export function verdictOn(buffer: Buffer, length: number, expected: Expected): Verdict {
  const received = buffer.subarray(0, length);
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return 'INCOMPLETE';
  const body = headEnd + HEAD_END.length;
  const bytes = contentLength(received, headEnd);
  if (bytes === null ? !endsWith(received, CHUNKS_END) : length < body + bytes) return 'INCOMPLETE';
  if (
    statusOf(received) === expected.status &&
    count(received, body, expected) === expected.successes
  )
    return 'SUCCESS';
  return received.indexOf(OVERLOADED, body) >= 0 ? 'REFUSED' : 'FAILED';
}

/** "HTTP/1.1 200": the status is at a fixed position. */
function statusOf(received: Buffer): number {
  return numberAt(received, 'HTTP/1.1 '.length);
}

/** Null if the head does not say, as for an answer in chunks. */
function contentLength(received: Buffer, headEnd: number): number | null {
  for (let at = 0; at < headEnd; at += 1) {
    if (received[at] !== LINE_FEED || !isContentLength(received, at + 1)) continue;
    return numberAt(received, at + 1 + CONTENT_LENGTH.length);
  }
  return null;
}

function isContentLength(received: Buffer, at: number): boolean {
  for (let index = 0; index < CONTENT_LENGTH.length; index += 1) {
    if (((received[at + index] ?? 0) | LOWER_CASE) !== CONTENT_LENGTH.charCodeAt(index))
      return false;
  }
  return true;
}

function numberAt(received: Buffer, start: number): number {
  let at = start;
  while (received[at] === SPACE) at += 1;
  let number = 0;
  for (;;) {
    const digit = received[at] ?? 0;
    if (digit < ZERO || digit > NINE) return number;
    number = number * 10 + digit - ZERO;
    at += 1;
  }
}

function endsWith(received: Buffer, end: Buffer): boolean {
  return received.length >= end.length && received.subarray(-end.length).equals(end);
}

/** Counts up to one more than expected. */
function count(received: Buffer, body: number, { success, successes }: Expected): number {
  let found = 0;
  let at = received.indexOf(success, body);
  while (at >= 0 && found <= successes) {
    found += 1;
    at = received.indexOf(success, at + success.length);
  }
  return found;
}
