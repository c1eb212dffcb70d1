import * as fc from 'fast-check';

/**
 * Checks that the predicate does not throw for this many random values. `TOLLGATE_RUNS` multiplies
 * the number for long runs.
 */
export async function always<T>(
  count: number,
  arbitrary: fc.Arbitrary<T>,
  predicate: (value: T) => void,
): Promise<void> {
  await fc.assert(fc.property(arbitrary, predicate), {
    numRuns: Math.ceil(count * Number(process.env['TOLLGATE_RUNS'] ?? 1)),
  });
}
