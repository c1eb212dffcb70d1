/** Which place a customer is in follows from the first bits of its key, and from nothing else. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PLACES_MAX, placeOf } from '../../src/domain/place.js';
import { customerScope } from '../../src/meter/customer-key.js';

const bitsOf = (key: string) =>
  [...key.slice(0, 4)]
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('');

it('its number is the first bits of the key', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: Math.log2(PLACES_MAX) }), (key, bits) => {
      expect(placeOf(key, 2 ** bits)).toBe(Number.parseInt(bitsOf(key).slice(0, bits), 2));
      expect(placeOf(key, 1)).toBe(0);
    }),
  );
});

it('half as many places are pairs of the others', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(2, 4, 8, 16, 32, 64), (key, places) => {
      expect(placeOf(key, places / 2)).toBe(Math.floor(placeOf(key, places) / 2));
    }),
  );
});

it('customers are spread evenly', () => {
  const counts = Array.from({ length: 8 }, () => 0);
  for (let n = 0; n < 8_000; n += 1) {
    const { customerKey } = customerScope('01890f2c-0000-7000-8000-000000000000', `customer-${n}`);
    const place = placeOf(customerKey, 8);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  // The ids are always the same, and so are the counts.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(100);
});
