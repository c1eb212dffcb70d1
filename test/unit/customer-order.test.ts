/** Places of customers are compared as the database orders them: by the bytes of the text in UTF-8, then by the id. */
import { expect, it } from 'vitest';
import { isBefore, type Position } from '../../src/domain/customer-order.js';

/** By UTF-16, as strings are compared, the character of four bytes would come before the one of three. */
const IN_ORDER: Position[] = [
  { value: '', id: 'z' },
  { value: 'a', id: 'A' },
  { value: 'a', id: 'a' },
  { value: 'a\uD7FF', id: 'a' },
  { value: 'a\uFFFD', id: 'b' },
  { value: 'a\uFFFDa', id: 'a' },
  { value: 'a\u{1F600}', id: 'a' },
  { value: 'a\u{1F601}', id: 'a' },
  { value: 'b', id: '' },
];

it('compares texts by code point, then ids', () => {
  for (const [n, one] of IN_ORDER.entries()) {
    for (const [m, other] of IN_ORDER.entries()) expect(isBefore(one, other)).toBe(n < m);
  }
});
