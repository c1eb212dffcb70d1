import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../http/json.js';
import type { TrackBalanceInput } from '../../meter/track-balance.js';
import { readTrackJson } from '../../schema/track-json.js';
import { LINE_BYTES_MAX, type Line } from './lines.js';

/** Why a line was not recorded. */
export interface Refused {
  /** Of a refusal, an error, or one of those below. */
  readonly code: string;
  readonly message: string;
}

export type ReadLine =
  | { readonly kind: 'BLANK' }
  | { readonly kind: 'INPUT'; readonly input: TrackBalanceInput }
  | { readonly kind: 'REFUSED'; readonly refused: Refused };

/** The idempotency key of a line that gives none. */
export type KeyOf = (line: number) => string;

/** Reads a line as the body of a request is read: the same JSON, the same type, the same rules. */
export function readLine({ bytes, number }: Line, keyOf: KeyOf): ReadLine {
  if (bytes === null) {
    return refused(
      'LINE_TOO_LONG',
      `The line is longer than ${LINE_BYTES_MAX} bytes, and no usage event can be. Look for a missing line break.`,
    );
  }
  if (!isUtf8(bytes)) {
    return refused('INVALID_UTF8', 'The line is not valid UTF-8. Convert the file to UTF-8.');
  }
  const text = bytes.toString('utf8');
  if (BLANK.test(text)) return { kind: 'BLANK' };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    // More exact numbers than are read, or no JSON.
    if (error instanceof RangeError) return refused('INVALID_JSON', error.message);
    const why = error instanceof SyntaxError ? `: ${error.message}` : '';
    return refused(
      'INVALID_JSON',
      `The line is not valid JSON${why}. Each line must be one object, with the fields of BalancesTrackInput.`,
    );
  }
  const read = readTrackJson(value);
  if (!read.ok) return { kind: 'REFUSED', refused: read.refusal };
  const { idempotencyKey } = read.value;
  return {
    kind: 'INPUT',
    input: { ...read.value, idempotencyKey: idempotencyKey ?? keyOf(number) },
  };
}

/** Nothing but what JSON permits between values. */
const BLANK = /^[\t\r ]*$/;

function refused(code: string, message: string): ReadLine {
  return { kind: 'REFUSED', refused: { code, message } };
}
