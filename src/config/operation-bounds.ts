/** The limits of an operation. */
import { z } from 'zod';
import { about, whole } from './setting.js';

export interface OperationBounds {
  /** The number of fields in its answer; in a batch, per item. */
  readonly operationFieldsMax: number;
  /** What it may cost; in a batch, per item. */
  readonly operationCostMax: number;
  /** What the operations of a key may cost in a minute; null for no limit. */
  readonly costPerMinute: number | null;
  /** How long it may run. */
  readonly operationTimeoutMs: number;
  /** How large its answer may be. */
  readonly resultBytesMax: number;
}

export const OPERATION_BOUNDS: OperationBounds = {
  operationFieldsMax: 5_000_000,
  operationCostMax: 5_000_000,
  costPerMinute: null,
  operationTimeoutMs: 15_000,
  resultBytesMax: 8 * 1024 * 1024,
};

const COST_MAX = 1_000_000_000_000;

/** Enough for a call that writes every second. */
const COST_PER_MINUTE_MIN = 600;

export const operationSettings = {
  OPERATION_FIELDS_MAX: whole({
    default: OPERATION_BOUNDS.operationFieldsMax,
    min: 10_000,
    max: 1_000_000_000_000,
    meaning:
      'The maximum number of fields in the answer to an operation, or to each item of a batch, if ' +
      'every list is as long as it can be; larger operations are refused as `QUERY_TOO_COMPLEX` ' +
      'before they run.',
  }),
  OPERATION_COST_MAX: whole({
    default: OPERATION_BOUNDS.operationCostMax,
    min: 1_000,
    max: COST_MAX,
    meaning:
      'The maximum cost of an operation, or of each item of a batch: the rows that it may read and the ' +
      'statements that this may take. More expensive operations are refused as ' +
      '`OPERATION_COST_EXCEEDED` before they run.',
  }),
  COST_PER_MINUTE: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((cost) => cost >= COST_PER_MINUTE_MIN && cost <= COST_MAX)
    .optional()
    .register(about, {
      default: '',
      allowed: `${COST_PER_MINUTE_MIN} to ${COST_MAX}`,
      meaning:
        'What the operations of one key may cost in a minute, in each process; more are answered with ' +
        '`COST_BUDGET_EXCEEDED`. By default, there is no limit.',
    }),
  OPERATION_TIMEOUT_MS: whole({
    default: OPERATION_BOUNDS.operationTimeoutMs,
    min: 100,
    max: 600_000,
    meaning:
      'How long an operation may run before it is answered with `OPERATION_TIMEOUT`. A write that a ' +
      'mutation has begun is finished; nothing else is begun. The time that a request takes to arrive, ' +
      'and that a long document waits to be read, is not included.',
  }),
  RESULT_BYTES_MAX: whole({
    default: OPERATION_BOUNDS.resultBytesMax,
    min: 64 * 1024,
    max: 256 * 1024 * 1024,
    meaning: 'The largest answer, in bytes; a larger one becomes `RESULT_TOO_LARGE`.',
  }),
};

type Environment = Readonly<
  Record<Exclude<keyof typeof operationSettings, 'COST_PER_MINUTE'>, number>
> & { readonly COST_PER_MINUTE?: number | undefined };

export function operationBoundsOf(environment: Environment): OperationBounds {
  return {
    operationFieldsMax: environment.OPERATION_FIELDS_MAX,
    operationCostMax: environment.OPERATION_COST_MAX,
    costPerMinute: environment.COST_PER_MINUTE ?? null,
    operationTimeoutMs: environment.OPERATION_TIMEOUT_MS,
    resultBytesMax: environment.RESULT_BYTES_MAX,
  };
}
