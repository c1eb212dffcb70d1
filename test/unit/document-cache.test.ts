/** What is cached of documents, and that it is bounded whatever clients send. */
import { expect, it } from 'vitest';
import {
  CACHED_DOCUMENT_CHARS_MAX,
  DocumentCache,
  GENERATION_CHARS_MAX,
  GENERATION_DOCUMENTS_MAX,
} from '../../src/http/document-cache.js';

const value = () => ({});

/** How many of these texts are cached; looking at them changes nothing about the others that matters here. */
const cachedOf = (cache: DocumentCache<object>, texts: readonly string[]) =>
  texts.filter((text) => cache.get(text) !== undefined).length;

const numbered = (count: number, chars = 0) =>
  Array.from({ length: count }, (_, index) => `${index} `.padEnd(chars, 'x'));

it('gives back what it was given', () => {
  const cache = new DocumentCache<object>();
  const one = value();
  cache.set('{ a }', one);
  expect(cache.get('{ a }')).toBe(one);
  expect(cache.get('{ b }')).toBeUndefined();
});

it('keeps documents up to a length', () => {
  const cache = new DocumentCache<object>();
  for (const chars of [CACHED_DOCUMENT_CHARS_MAX, CACHED_DOCUMENT_CHARS_MAX + 1]) {
    cache.set('x'.repeat(chars), value());
  }
  expect(cache.get('x'.repeat(CACHED_DOCUMENT_CHARS_MAX))).toBeDefined();
  expect(cache.get('x'.repeat(CACHED_DOCUMENT_CHARS_MAX + 1))).toBeUndefined();
});

it('keeps as many as two generations, and no more', () => {
  const cache = new DocumentCache<object>();
  const texts = numbered(10 * GENERATION_DOCUMENTS_MAX);
  for (const text of texts) cache.set(text, value());
  expect(cachedOf(cache, texts.slice(0, -2 * GENERATION_DOCUMENTS_MAX))).toBe(0);
  expect(cachedOf(cache, texts.slice(-GENERATION_DOCUMENTS_MAX))).toBe(GENERATION_DOCUMENTS_MAX);
});

it('keeps as many characters as two generations, and no more', () => {
  const cache = new DocumentCache<object>();
  const fitting = Math.floor(GENERATION_CHARS_MAX / CACHED_DOCUMENT_CHARS_MAX);
  const texts = numbered(10 * fitting, CACHED_DOCUMENT_CHARS_MAX);
  for (const text of texts) cache.set(text, value());
  expect(cachedOf(cache, texts.slice(0, -2 * fitting))).toBe(0);
  expect(cachedOf(cache, texts.slice(-fitting))).toBe(fitting);
});

it('keeps what is asked for again and again, whatever else comes', () => {
  const cache = new DocumentCache<object>();
  const one = value();
  cache.set('hot', one);
  for (const text of numbered(20 * GENERATION_DOCUMENTS_MAX)) {
    cache.set(text, value());
    expect(cache.get('hot')).toBe(one);
  }
});
