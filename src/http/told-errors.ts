/** The errors of an operation as its answer reports them. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Execution } from '../schema/execution.js';
import { BATCH_INPUTS_MAX } from '../schema/input/limits.js';
import type { Operation } from './document.js';
import { shortened } from './echo.js';
import { maskError, protocolError } from './errors.js';
import { ROOT_FIELDS_MAX } from './limits.js';
import { placedAs } from './located.js';

/** Each item of a batch may fail individually, and so may each root field. */
export const ERRORS_MAX = BATCH_INPUTS_MAX + ROOT_FIELDS_MAX;

/**
 * Masked, and no more of them than are useful. A stopped operation fails in every field
 * that it did not reach, all for the same reason, which is reported once.
 */
export function toldErrors(
  raw: readonly GraphQLError[],
  stopped: Error | null,
): readonly GraphQLError[] {
  const told: GraphQLError[] = [];
  let isReasonTold = false;
  for (const error of raw) {
    const isReason = stopped !== null && (error === stopped || error.originalError === stopped);
    if (isReason && isReasonTold) continue;
    if (told.length === ERRORS_MAX) return [...told, tooMany(raw.length)];
    isReasonTold ||= isReason;
    told.push(maskError(error));
  }
  return told;
}

/**
 * The errors of an answer without data, although mutations have been carried out whose results it would have contained:
 * the operation must not be repeated as if it had done nothing.
 */
export function afterwards(
  errors: readonly GraphQLError[],
  finished: readonly string[],
): readonly GraphQLError[] {
  if (finished.length === 0) return errors;
  // The one that has ended it; the others may be counted after it.
  const last = errors.findLastIndex(({ path }) => path !== undefined);
  const ending = last < 0 ? errors.length - 1 : last;
  return errors.map((error, n) => {
    const { retryable: _retryable, http: _http, ...others } = error.extensions;
    const path = error.path ?? null;
    const [message, extensions] =
      n === ending
        ? [`${error.message} ${carriedOut(finished)}`, { ...others, carriedOut: finished }]
        : [error.message, others];
    return placedAs(error, new GraphQLError(message, { path, extensions }));
  });
}

function carriedOut(keys: readonly string[]): string {
  const names = keys.map((key) => `"${shortened(key)}"`).join(', ');
  return (
    `However, the operation has carried out ${names}, and what that wrote is kept, although the result is missing ` +
    'here. To get it, repeat the whole operation with the same idempotency key once the cause of this error is gone; without ' +
    'a key, check first what was written.'
  );
}

function tooMany(count: number): GraphQLError {
  return protocolError('BAD_USER_INPUT', `There are ${count} errors; the others are omitted.`);
}

/** The partial result of a stopped query is not returned: it could have gaps anywhere. */
export function withoutGaps(
  result: ExecutionResult,
  { stopped }: Execution,
  { isMutation }: Operation,
): ExecutionResult {
  return stopped === null || isMutation ? result : { errors: [asError(stopped)] };
}

function asError(reason: Error): GraphQLError {
  return reason instanceof GraphQLError ? reason : maskError(reason);
}
