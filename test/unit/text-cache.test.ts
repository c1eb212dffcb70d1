/** A cache with texts as keys is limited, whatever clients send. */
import { expect, it } from 'vitest';
import { TextCache } from '../../src/platform/text-cache.js';

const ENTRY_CHARS_MAX = 1_000;
const GENERATION_ENTRIES_MAX = 50;
const GENERATION_CHARS_MAX = 25_000;

const createCache = () =>
  new TextCache<object>({
    entryCharsMax: ENTRY_CHARS_MAX,
    generationEntriesMax: GENERATION_ENTRIES_MAX,
    generationCharsMax: GENERATION_CHARS_MAX,
  });

const value = () => ({});

/** How many of these texts are cached. Counting does not affect the others in a way that matters here. */
const cachedOf = (cache: TextCache<object>, texts: readonly string[]) =>
  texts.filter((text) => cache.get(text) !== undefined).length;

const numbered = (count: number, chars = 0) =>
  Array.from({ length: count }, (_, index) => `${index} `.padEnd(chars, 'x'));

it('a cached value is returned', () => {
  const cache = createCache();
  const one = value();
  cache.set('{ a }', one);
  expect(cache.get('{ a }')).toBe(one);
  expect(cache.get('{ b }')).toBeUndefined();
});

it('texts are cached up to a length', () => {
  const cache = createCache();
  for (const chars of [ENTRY_CHARS_MAX, ENTRY_CHARS_MAX + 1]) {
    cache.set('x'.repeat(chars), value());
  }
  expect(cache.get('x'.repeat(ENTRY_CHARS_MAX))).toBeDefined();
  expect(cache.get('x'.repeat(ENTRY_CHARS_MAX + 1))).toBeUndefined();
});

it('at most two generations of entries are kept', () => {
  const cache = createCache();
  const texts = numbered(10 * GENERATION_ENTRIES_MAX);
  for (const text of texts) cache.set(text, value());
  expect(cachedOf(cache, texts.slice(0, -2 * GENERATION_ENTRIES_MAX))).toBe(0);
  expect(cachedOf(cache, texts.slice(-GENERATION_ENTRIES_MAX))).toBe(GENERATION_ENTRIES_MAX);
});

it('at most the characters of two generations are kept', () => {
  const cache = createCache();
  const fitting = Math.floor(GENERATION_CHARS_MAX / ENTRY_CHARS_MAX);
  const texts = numbered(10 * fitting, ENTRY_CHARS_MAX);
  for (const text of texts) cache.set(text, value());
  expect(cachedOf(cache, texts.slice(0, -2 * fitting))).toBe(0);
  expect(cachedOf(cache, texts.slice(-fitting))).toBe(fitting);
});

it('an entry in constant use is kept, however many others are added', () => {
  const cache = createCache();
  const one = value();
  cache.set('hot', one);
  for (const text of numbered(20 * GENERATION_ENTRIES_MAX)) {
    cache.set(text, value());
    expect(cache.get('hot')).toBe(one);
  }
});

it('the size of a value counts as well', () => {
  const cache = createCache();
  const texts = numbered(200);
  for (const text of texts) cache.set(text, value(), ENTRY_CHARS_MAX);
  const fitting = GENERATION_CHARS_MAX / ENTRY_CHARS_MAX;
  expect(cachedOf(cache, texts.slice(0, -2 * fitting))).toBe(0);
  expect(cachedOf(cache, texts.slice(-fitting))).toBe(fitting);
  cache.set('large', value(), ENTRY_CHARS_MAX + 1);
  expect(cache.get('large')).toBeUndefined();
});
