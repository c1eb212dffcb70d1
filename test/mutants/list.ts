import type { Mutant } from './mutant.js';

/** Every mistake that is tried, by the folder of `src` it is made in. */
export const MUTANTS: readonly Mutant[] = [];
