/** Paced work takes a fifth of the time, project by project, and its queue is limited. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPaced } from '../../src/http/paced.js';

const PIECE_MS = 10;
const SHARE = 5;
const LIGHT = { weight: 1 };

let done: { readonly who: string; readonly at: number }[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance', 'Date'] });
  done = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => Date.now();

/** A piece that keeps the event loop busy. */
const piece = (who: string) => () => {
  done.push({ who, at: now() });
  vi.setSystemTime(now() + PIECE_MS);
  return true;
};

const create = (waitingPerProjectMax = 100) =>
  createPaced({ monotonicMs: now, waitingPerProjectMax });

it('paced work starts at once if nothing was done before, in a turn of its own', () => {
  const paced = create();
  const start = now();
  paced.add('a', piece('a'), LIGHT);
  expect(done).toEqual([]);
  vi.runAllTimers();
  expect(done).toEqual([{ who: 'a', at: start }]);
});

it('paced work leaves four times the duration of a piece to others', () => {
  const paced = create();
  for (let index = 0; index < 10; index += 1) paced.add('a', piece('a'), LIGHT);
  vi.runAllTimers();
  const gaps = done.slice(1).map(({ at }, index) => at - (done[index]?.at ?? 0));
  expect(gaps).toHaveLength(9);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(SHARE * PIECE_MS);
});

it('the pace is kept for a piece that is added later', () => {
  const paced = create();
  const start = now();
  paced.add('a', piece('first'), LIGHT);
  vi.runAllTimers();
  paced.add('b', piece('second'), LIGHT);
  vi.runAllTimers();
  expect(done[1]?.at).toBeGreaterThanOrEqual(start + SHARE * PIECE_MS);
});

it('projects take turns, however much each has waiting', () => {
  const paced = create();
  for (const who of ['a1', 'a2', 'a3']) paced.add('a', piece(who), LIGHT);
  for (const who of ['b1', 'b2']) paced.add('b', piece(who), LIGHT);
  vi.runAllTimers();
  expect(done.map(({ who }) => who)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

it('pieces are accepted per project up to a weight', () => {
  const paced = create(2);
  const taken = ['a', 'a', 'a', 'b'].map((project) => paced.add(project, piece(project), LIGHT));
  expect(taken).toEqual([true, true, false, true]);
  vi.runAllTimers();
  expect(done.map(({ who }) => who)).toEqual(['a', 'b', 'a']);
  expect(paced.add('a', piece('a'), LIGHT)).toBe(true);
});

it('pieces with the same key take one turn together, and count as one of the project', () => {
  const paced = create(2);
  const taken = ['a', 'b', 'a', 'c', 'b'].map((key) =>
    paced.add('p', piece(key), { key, weight: 1 }),
  );
  expect(taken).toEqual([true, true, true, false, true]);
  expect(paced.add('q', piece('q'), { key: 'a', weight: 1 })).toBe(true);
  vi.runAllTimers();
  expect(done.map(({ who }) => who)).toEqual(['a', 'a', 'q', 'b', 'b']);
});

it('a heavy piece takes the room of several, and the first of those with one key is told so', () => {
  const paced = create(4);
  const told: boolean[] = [];
  const heavy = { key: 'a', weight: 4 };
  paced.add('p', () => false, heavy);
  for (let n = 0; n < 3; n += 1) paced.add('p', (isFirst) => told.push(isFirst) > 0, heavy);
  expect(paced.add('p', piece('p'), LIGHT)).toBe(false);
  vi.runAllTimers();
  expect(told).toEqual([true, false, false]);
  expect(paced.add('p', piece('p'), LIGHT)).toBe(true);
});
