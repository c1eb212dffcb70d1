/** What an answer tells of the errors of an operation. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Execution } from '../schema/execution.js';
import { BATCH_INPUTS_MAX } from '../schema/input/limits.js';
import type { Operation } from './document.js';
import { maskError, protocolError } from './errors.js';
import { ROOT_FIELDS_MAX } from './limits.js';

/** Each item of a batch may fail by itself, and so may each field at the root. */
export const ERRORS_MAX = BATCH_INPUTS_MAX + ROOT_FIELDS_MAX;

/**
 * Masked, and no more of them than are of use. An operation that was stopped fails in every field
 * that it did not come to, all for one reason, which is told once.
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

function tooMany(count: number): GraphQLError {
  return protocolError('BAD_USER_INPUT', `There are ${count} errors; the others are left out.`);
}

/** Of a query that was stopped, what it got so far is not told: it would have gaps anywhere. */
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
