/** How large JSON values are, as an answer contains them. */
import { Buffer } from 'node:buffer';

/** Parses JSON that PostgreSQL has written, which tells its size. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) {
    known.set(value, Math.floor(text.length * WITHOUT_SPACES_MIN));
  }
  return value;
}

/** PostgreSQL writes a space after each comma and colon: `[1, 2, 3]` has most of them. */
const WITHOUT_SPACES_MIN = 2 / 3;

/** The size of an object or array in UTF-8; if it was parsed here, at least two thirds of it. */
export function jsonBytes(value: object): number {
  const bytes = known.get(value) ?? Buffer.byteLength(JSON.stringify(value));
  known.set(value, bytes);
  return bytes;
}

/** The same if it is known already. */
export function knownJsonBytes(value: object): number | undefined {
  return known.get(value);
}

/** Aliases may ask for a value a hundred times. */
const known = new WeakMap<object, number>();
