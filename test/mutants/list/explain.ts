import type { Mutant } from '../mutant.js';

/** Explanations of usage (R30). */
export const EXPLAIN: readonly Mutant[] = [
  {
    guarantee: 'what is available beyond the grant leaves what is reserved',
    file: 'src/domain/explain.ts',
    find: 'maxQuantity(ZERO, -mainFree(balance))',
    replace: 'maxQuantity(ZERO, balance.used - balance.granted)',
    tests: ['unit/explain.test.ts'],
  },
  {
    guarantee: 'an explanation names the criterion that puts a part before the next one',
    file: 'src/domain/explain.ts',
    find: 'criterionBetween(slot, next)',
    replace: "(criterionBetween(slot, next), 'OLDEST')",
    tests: ['unit/explain.test.ts'],
  },
  {
    guarantee: 'an explanation tells rolled-over amounts apart from the grant',
    file: 'src/domain/explain.ts',
    find: "`${balance.id}:${rollover ?? ''}`",
    replace: "`${balance.id}:${rollover === null ? '' : ''}`",
    tests: ['unit/explain.test.ts'],
  },
  {
    guarantee: 'an explanation is made at the present, after all resets and expiries',
    file: 'src/meter/explain-track.ts',
    find: 'standing.account && advanced(standing.account, now)',
    replace: '(void advanced, standing.account)',
    tests: ['graphql/cases.test.ts'],
  },
];
