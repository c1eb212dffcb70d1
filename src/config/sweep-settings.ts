import { z } from 'zod';
import { about } from './setting.js';

export interface SweepConfig {
  /** Whether what comes due is written to the ledger before the next write would. */
  readonly sweep: boolean;
}

export const sweepSettings = {
  SWEEP: z
    .enum(['on', 'off'])
    .prefault('off')
    .register(about, {
      default: 'off',
      allowed: '`on` or `off`',
      meaning:
        'Whether resets, expiries and reservations that have expired are written to the ledger soon after they come due, instead of ' +
        "by the customer's next write. Answers are the same either way.",
    }),
};

export function sweepConfigOf(environment: { readonly SWEEP: 'on' | 'off' }): SweepConfig {
  return { sweep: environment.SWEEP === 'on' };
}
