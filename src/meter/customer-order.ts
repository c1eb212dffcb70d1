import { Buffer } from 'node:buffer';
import type { Customer } from './store.js';

/** What customers can be ordered by, apart from their ids. */
export type CustomerOrder = 'NAME' | 'EMAIL' | 'NEWEST';

/** Of a name or an e-mail address, those that decide its place: an index entry has limited room. */
export const FOLDED_CHARS = 64;

/**
 * A text as it is ordered and searched: without the difference between capital and small letters of ASCII, which is the same
 * on every server, and no longer than decides. The indexes have `left(lower(text COLLATE "C"), 64)`.
 */
export function folded(text: string): string {
  const lower = text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
  return [...lower.slice(0, 2 * FOLDED_CHARS)].slice(0, FOLDED_CHARS).join('');
}

/** A place in the order, between two customers or that of one. */
export interface Position {
  /** The folded text, or the time of creation in milliseconds. */
  readonly value: string;
  readonly id: string;
}

/** The customer's place; null if it has none in this order. */
export function positionOf(customer: Customer, by: CustomerOrder): Position | null {
  if (by === 'NEWEST') return { value: String(customer.createdAt), id: customer.id };
  const text = by === 'NAME' ? customer.name : customer.email;
  return text === null ? null : { value: folded(text), id: customer.id };
}

/** In printable ASCII, as cursors are. */
export function keyOfPosition({ value, id }: Position, by: CustomerOrder): string {
  return `${by === 'NEWEST' ? value : Buffer.from(value).toString('base64url')}:${id}`;
}

export function positionFromKey(key: string, by: CustomerOrder): Position {
  const colon = key.indexOf(':');
  const value = key.slice(0, colon);
  const id = key.slice(colon + 1);
  return { value: by === 'NEWEST' ? value : Buffer.from(value, 'base64url').toString(), id };
}

/** The places before and after all texts that begin with the prefix, which is folded. Null for no place. */
export function boundsOf(prefix: string): readonly [Position, Position | null] {
  const after = successor(prefix);
  return [{ value: prefix, id: '' }, after === null ? null : { value: after, id: '' }];
}

/** As the database orders texts: by their bytes in UTF-8. */
export function isBefore(one: Position, other: Position): boolean {
  const order = Buffer.compare(Buffer.from(one.value), Buffer.from(other.value));
  return order < 0 || (order === 0 && one.id < other.id);
}

const CODE_POINT_MAX = 0x10ffff;

/** The least text that is greater than all that begin with this one; null if there is none. */
function successor(text: string): string | null {
  const chars = [...text];
  for (let last = chars.pop(); last !== undefined; last = chars.pop()) {
    const code = last.codePointAt(0) ?? 0;
    // Between these two are the surrogates, which are no characters.
    const next = code === 0xd7ff ? 0xe000 : code + 1;
    if (code < CODE_POINT_MAX) return `${chars.join('')}${String.fromCodePoint(next)}`;
  }
  return null;
}
