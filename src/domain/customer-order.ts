import type { Instant } from './interval.js';

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

/** What decides a customer's place. */
interface Ordered {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly createdAt: Instant;
}

/** The customer's place; null if it has none in this order. */
export function positionOf(customer: Ordered, by: CustomerOrder): Position | null {
  if (by === 'NEWEST') return { value: String(customer.createdAt), id: customer.id };
  const text = by === 'NAME' ? customer.name : customer.email;
  return text === null ? null : { value: folded(text), id: customer.id };
}

/** The places before and after all texts that begin with the prefix, which is folded. Null for no place. */
export function boundsOf(prefix: string): readonly [Position, Position | null] {
  const after = successor(prefix);
  return [{ value: prefix, id: '' }, after === null ? null : { value: after, id: '' }];
}

/** As the database orders texts: by their bytes in UTF-8, which is by code point. */
export function isBefore(one: Position, other: Position): boolean {
  if (one.value === other.value) return one.id < other.id;
  const { value } = one;
  let at = 0;
  while (value[at] !== undefined && value[at] === other.value[at]) at += 1;
  return rank(value, at) < rank(other.value, at);
}

/** A code unit by its place in the order of code points: surrogates, of which those of two units consist, come last. */
function rank(text: string, at: number): number {
  const unit = at < text.length ? text.charCodeAt(at) : -1;
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
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
