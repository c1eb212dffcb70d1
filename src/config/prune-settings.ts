import { z } from 'zod';
import { about } from './setting.js';

/** A hundred years. */
export const KEY_DAYS_MAX = 36_500;

export interface PruneConfig {
  /** Null to keep them forever. */
  readonly idempotencyKeyDays: number | null;
}

export const pruneSettings = {
  IDEMPOTENCY_KEY_DAYS: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((days) => days >= 1 && days <= KEY_DAYS_MAX)
    .optional()
    .register(about, {
      default: '',
      allowed: `1 to ${KEY_DAYS_MAX}`,
      meaning:
        'After how many days idempotency keys and their results are deleted, once a day. By ' +
        'default, they are kept indefinitely.',
    }),
};

export function pruneConfigOf(environment: {
  readonly IDEMPOTENCY_KEY_DAYS?: number | undefined;
}): PruneConfig {
  return { idempotencyKeyDays: environment.IDEMPOTENCY_KEY_DAYS ?? null };
}
