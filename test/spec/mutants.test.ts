/** The list of mistakes matches the sources; `npm run test:mutants` makes them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../mutants/list.js';
import { mutate } from '../mutants/mutant.js';

const ROOT = new URL('../..', import.meta.url);

describe('every mistake in the list', () => {
  it('can be made, because its text occurs once in its file', async () => {
    for (const mutant of MUTANTS) {
      const text = await readFile(new URL(mutant.file, ROOT), 'utf8');
      expect(mutate(text, mutant), mutant.guarantee).not.toBe(text);
    }
  });

  it('names tests that exist', () => {
    const missing = MUTANTS.flatMap(({ tests }) =>
      tests.filter((test) => !existsSync(new URL(`test/${test}`, ROOT))),
    );
    expect(missing).toEqual([]);
  });

  it('has its own guarantee', () => {
    const guarantees = MUTANTS.map(({ guarantee }) => guarantee);
    expect(new Set(guarantees).size).toBe(guarantees.length);
  });
});

it('a mistake cannot be made if its text is missing or occurs twice', () => {
  const mutant = { guarantee: '', file: 'a.ts', find: 'x', replace: 'y', tests: [] };
  expect(mutate('a x b', mutant)).toBe('a y b');
  expect(() => mutate('a b', mutant)).toThrow('a.ts has 0 of these');
  expect(() => mutate('x x', mutant)).toThrow('a.ts has 2 of these');
});
