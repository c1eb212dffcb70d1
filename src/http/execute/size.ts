/**
 * How many bytes each part of an answer takes as JSON, what follows it included: a comma or the bracket that closes what it is
 * in. Characters that have to be escaped, or that take several bytes, are not looked for, and numbers are not written.
 */
import { Buffer } from 'node:buffer';
import { JsonText } from '../../platform/json-text.js';

/** Told of each part of an answer as it is put together; throws if no more may be added. */
export interface AnswerSize {
  add(bytes: number): void;
}

export const UNCOUNTED: AnswerSize = { add: () => undefined };

const BYTES_AFTER = 1;

export const BYTES_OF_NULL = 4 + BYTES_AFTER;

/** Of the list itself: its items are parts of their own. */
export const BYTES_OF_LIST = 1 + BYTES_AFTER;

/** The quotes and the colon. */
const BYTES_AROUND_KEY = 3;

/** Of the object itself and its keys: its values are parts of their own. */
export function bytesOfObject(keys: Iterable<string>): number {
  let bytes = 1 + BYTES_AFTER;
  for (const key of keys) bytes += key.length + BYTES_AROUND_KEY;
  return bytes;
}

/** The approximate size of a number or a Boolean. */
const BYTES_OF_OTHERS = 8;

/** Of a serialized value of a scalar or an enum. */
export function bytesOfLeaf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2 + BYTES_AFTER;
  if (typeof value !== 'object' || value === null) return BYTES_OF_OTHERS + BYTES_AFTER;
  const bytes =
    value instanceof JsonText ? value.bytesAtLeast : Buffer.byteLength(JSON.stringify(value));
  return bytes + BYTES_AFTER;
}
