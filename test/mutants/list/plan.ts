import type { Mutant } from '../mutant.js';

/** The plan of usage, and the verbs that look at it. */
export const PLAN: readonly Mutant[] = [
  {
    guarantee: 'a plan tells what is overage from what is within the grant',
    file: 'src/domain/deduction.ts',
    find: "const EXCEED: Way = { sign: 1n, as: 'OVERAGE' };",
    replace: "const EXCEED: Way = { sign: 1n, as: 'GRANT' };",
    tests: ['unit/charge-property.test.ts'],
  },
];
