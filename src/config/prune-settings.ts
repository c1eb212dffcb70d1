import { z } from 'zod';
import { about } from './setting.js';

/** A hundred years. */
export const DAYS_MAX = 36_500;

export interface PruneConfig {
  /** Null to keep them forever. */
  readonly idempotencyKeyDays: number | null;
  /** Null to keep them forever. */
  readonly eventPropertiesDays: number | null;
}

const days = () =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((count) => count >= 1 && count <= DAYS_MAX)
    .optional();

export const pruneSettings = {
  IDEMPOTENCY_KEY_DAYS: days().register(about, {
    default: '',
    allowed: `1 to ${DAYS_MAX}`,
    meaning:
      'After how many days idempotency keys and their results are deleted, once a day. By ' +
      'default, they are kept indefinitely.',
  }),
  EVENT_PROPERTIES_DAYS: days().register(about, {
    default: '',
    allowed: `1 to ${DAYS_MAX}`,
    meaning:
      'How many days after an event, or the end of a reservation, its properties are erased, once a day; ' +
      'the rest of it stays. By default, they are kept indefinitely.',
  }),
};

export function pruneConfigOf(environment: {
  readonly IDEMPOTENCY_KEY_DAYS?: number | undefined;
  readonly EVENT_PROPERTIES_DAYS?: number | undefined;
}): PruneConfig {
  return {
    idempotencyKeyDays: environment.IDEMPOTENCY_KEY_DAYS ?? null,
    eventPropertiesDays: environment.EVENT_PROPERTIES_DAYS ?? null,
  };
}
