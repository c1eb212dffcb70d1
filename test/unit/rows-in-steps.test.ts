/** Large rows are decoded one by one, small ones many at a time. */
import { expect, it } from 'vitest';
import { rowsInSteps } from '../../src/store/rows-in-steps.js';

function run(rows: readonly (readonly (string | null)[])[]) {
  const steps = rowsInSteps(rows, ([text]) => text);
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return { found: step.value, steps: count };
  }
}

it.each([
  ['small', 10, 1],
  ['large', 20_000, 100],
])('a hundred %s rows of %i characters take %i steps', (_size, characters, count) => {
  const rows = Array.from({ length: 100 }, (_, n) => [String(n), null, 'x'.repeat(characters)]);
  const { found, steps } = run(rows);
  expect(found).toEqual(rows.map(([text]) => text));
  expect(steps).toBe(count);
});
