/** The properties of random usage, on which some costs of the catalogue depend. */
import * as fc from 'fast-check';
import type { PlainFeature } from '../cases/plain-feature.js';

type Said = Readonly<Record<string, unknown>>;

/** Costs of several features by property: with and without one for all others, coarse and fine, free and overlapping. */
export const PRICED: PlainFeature = {
  id: 'models',
  type: 'CREDIT_SYSTEM',
  creditCosts: {
    tokens: [
      { cost: 0.333333333333333, where: { model: 'b', cached: true } },
      { cost: 0.000000000000000001, where: { model: 'tiny' } },
      { cost: 2.5, where: { model: 'a' } },
      { cost: 0, where: { cached: true } },
      { cost: 3.00000000000001, where: { model: 'b' } },
    ],
    storage: [{ cost: 0.5, where: { tier: 1 } }, { cost: 0.123456789012345 }],
    action1: [
      { cost: 7, where: { tier: 1, model: 'a' } },
      { cost: 0.7, where: { tier: 1 } },
    ],
    action3: 1.00000000001e-7,
  },
};

/** Those that costs ask for, and others that are nearly the same. */
export const said: fc.Arbitrary<Said> = fc.record(
  {
    model: fc.constantFrom('a', 'b', 'tiny', 'A', null),
    cached: fc.constantFrom(true, false, 'true'),
    tier: fc.constantFrom(1, 1.5, '1', [1]),
  },
  { requiredKeys: [] },
);
