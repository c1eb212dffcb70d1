/** What a refusal repeats of the value that it refuses. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHOWN_CHARS_MAX, shownValue } from '../../src/domain/shown-value.js';
import { always } from '../support/random/always.js';

describe('a refused value', () => {
  it.each<[unknown, string]>([
    ['a"b', '"a\\"b"'],
    [1.5, '1.5'],
    [null, 'null'],
    [undefined, 'null'],
    [[1, 2], '[…]'],
    [[], '[]'],
    [{}, '{}'],
    [{ customerId: null }, '{"customerId":null}'],
    [
      { featureId: 'tokens', cost: 1, where: { model: 'a' }, list: [1], no: [] },
      '{"featureId":"tokens","cost":1,"where":{…},"list":[…],"no":[]}',
    ],
    [JSON.parse('{"__proto__": 1}'), '{"__proto__":1}'],
    [{ a: 'x'.repeat(1_000) }, `{"a":"${'x'.repeat(113)}…`],
  ])('%j is shown as %s', (value, shown) => {
    expect(shownValue(value)).toBe(shown);
  });

  it('is short and well-formed, and names what an object has first', () =>
    always(1_000, fc.object({ maxDepth: 3, withUnicodeString: true }), (value) => {
      const shown = shownValue(value);
      expect(shown.length).toBeLessThanOrEqual(SHOWN_CHARS_MAX);
      expect(shown.isWellFormed()).toBe(true);
      const [first] = Object.keys(value).filter((name) => value[name] !== undefined);
      if (first === undefined) expect(shown).toBe('{}');
      else expect(shown).toContain(JSON.stringify(first).slice(0, 40).toWellFormed());
    }));

  it('may be large: no more of it is read than is shown', () => {
    const large = new Proxy(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index])),
      {
        get: (_, name) => {
          read += 1;
          return name;
        },
      },
    );
    let read = 0;
    expect(shownValue(large)).toMatch(/^\{"k0":"k0",.*…$/);
    expect(read).toBeLessThan(SHOWN_CHARS_MAX);
  });

  it('says what an object of our own means', () => {
    class Exact {}
    const text = (value: object) => (value instanceof Exact ? '9007199254740993' : null);
    expect(shownValue(new Exact(), text)).toBe('9007199254740993');
    expect(shownValue({ cost: new Exact() }, text)).toBe('{"cost":9007199254740993}');
  });
});
