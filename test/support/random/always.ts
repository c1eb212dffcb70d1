import * as fc from 'fast-check';

/**
 * Checks that the predicate does not throw for this many random values. `TOLLGATE_RUNS` multiplies
 * the number for long runs; `TOLLGATE_SEED` repeats a run.
 */
export async function always<T>(
  count: number,
  arbitrary: fc.Arbitrary<T>,
  predicate: (value: T) => void,
): Promise<void> {
  const seed = process.env['TOLLGATE_SEED'];
  await fc.assert(fc.property(arbitrary, predicate), {
    numRuns: Math.ceil(count * Number(process.env['TOLLGATE_RUNS'] ?? 1)),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  });
}
