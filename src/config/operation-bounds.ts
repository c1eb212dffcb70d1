/** The limits of an operation. */
import { whole } from './setting.js';

export interface OperationBounds {
  /** The number of fields in its answer; in a batch, per item. */
  readonly operationFieldsMax: number;
  /** How long it may run. */
  readonly operationTimeoutMs: number;
  /** How large its answer may be. */
  readonly resultBytesMax: number;
}

export const OPERATION_BOUNDS: OperationBounds = {
  operationFieldsMax: 5_000_000,
  operationTimeoutMs: 15_000,
  resultBytesMax: 8 * 1024 * 1024,
};

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

type Environment = Readonly<Record<keyof typeof operationSettings, number>>;

export function operationBoundsOf(environment: Environment): OperationBounds {
  return {
    operationFieldsMax: environment.OPERATION_FIELDS_MAX,
    operationTimeoutMs: environment.OPERATION_TIMEOUT_MS,
    resultBytesMax: environment.RESULT_BYTES_MAX,
  };
}
