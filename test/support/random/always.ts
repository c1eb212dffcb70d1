import * as fc from 'fast-check';

/**
 * Checks that the predicate throws for none of so many random values. `TOLLGATE_RUNS` multiplies
 * their number, for long runs by night; `TOLLGATE_SEED` repeats a run.
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
