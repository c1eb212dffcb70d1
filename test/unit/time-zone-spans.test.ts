/** The cached offsets of a time zone are limited in number, and equal to those read again. */
import { afterEach, expect, it, vi } from 'vitest';
import { instantAtWallTime, wallTimeAt } from '../../src/domain/time-zone.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const ZONE = 'Europe/Berlin';
const HALF_A_YEAR_MS = 182 * 86_400_000;

it('a limited number of spans is cached for a zone', () => {
  const set = vi.spyOn(Map.prototype, 'set');
  const times = Array.from({ length: 150 }, (_, n) => n * HALF_A_YEAR_MS);
  const walls = times.map((time) => wallTimeAt(time, ZONE));
  const kept = set.mock.calls.flatMap(([zone, spans]) =>
    zone === ZONE && Array.isArray(spans) ? [spans.length] : [],
  );
  set.mockRestore();
  expect(kept.length).toBeGreaterThan(100);
  expect(Math.max(...kept)).toBe(32);
  // Evicted spans are read again.
  expect(walls.map((wall) => instantAtWallTime(wall, ZONE))).toEqual(times);
});
