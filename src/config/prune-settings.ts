import { z } from 'zod';
import { about } from './setting.js';

/** A hundred years. */
export const DAYS_MAX = 36_500;

export interface PruneConfig {
  /** Null to keep them forever. */
  readonly idempotencyKeyDays: number | null;
  /** Null to keep them forever. */
  readonly eventPropertiesDays: number | null;
  /** Null to keep them forever. */
  readonly eventsDays: number | null;
  /** Null to keep it forever. */
  readonly ledgerDays: number | null;
  /** Whether ranges that have been let go are dropped. */
  readonly dropDetached: boolean;
}

/** The longest reservation lasts 30 days, and what it has used can be seen for some time after. */
export const RANGE_DAYS_MIN = 35;

const days = (min = 1) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((count) => count >= min && count <= DAYS_MAX)
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
  EVENTS_DAYS: days(RANGE_DAYS_MIN).register(about, {
    default: '',
    allowed: `${RANGE_DAYS_MIN} to ${DAYS_MAX}`,
    meaning:
      'After how many days usage events are let go, a month of them at a time ' +
      '([retention](operations/retention.md)). By default, they are kept indefinitely.',
  }),
  LEDGER_DAYS: days(RANGE_DAYS_MIN).register(about, {
    default: '',
    allowed: `${RANGE_DAYS_MIN} to ${DAYS_MAX}`,
    meaning:
      'The same for entries of the ledger; the last one of each balance that is let go stays, so that ' +
      'every balance can still be proven. By default, they are kept indefinitely.',
  }),
  DROP_DETACHED: z
    .enum(['on', 'off'])
    .default('on')
    .register(about, {
      default: 'on',
      allowed: '`on` or `off`',
      meaning:
        'Whether months that have been let go are dropped. With `off`, they remain as tables ' +
        '`let_go_...` of the database, for you to archive and drop.',
    }),
};

export function pruneConfigOf(environment: {
  readonly IDEMPOTENCY_KEY_DAYS?: number | undefined;
  readonly EVENT_PROPERTIES_DAYS?: number | undefined;
  readonly EVENTS_DAYS?: number | undefined;
  readonly LEDGER_DAYS?: number | undefined;
  readonly DROP_DETACHED: 'on' | 'off';
}): PruneConfig {
  return {
    eventsDays: environment.EVENTS_DAYS ?? null,
    ledgerDays: environment.LEDGER_DAYS ?? null,
    dropDetached: environment.DROP_DETACHED === 'on',
    idempotencyKeyDays: environment.IDEMPOTENCY_KEY_DAYS ?? null,
    eventPropertiesDays: environment.EVENT_PROPERTIES_DAYS ?? null,
  };
}
