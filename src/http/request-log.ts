import { type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { UnavailableError } from '../domain/unavailable.js';
import { monotonicMs } from '../platform/clock.js';
import { uuidV7 } from '../platform/id.js';
import type { Logger } from '../platform/logger.js';
import { hiddenCause } from './errors.js';
import type { RequestFacts } from './request-facts.js';

/** Longest name of an operation that is logged: clients choose it. */
const OPERATION_CHARS_MAX = 100;

/** Reasons of errors that are told for one operation. */
export const REASONS_MAX = 10;

/** A request's id as a proxy in front may have given it. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Tells the log of an operation that has ended, whichever way it came. */
export type OperationLog = (
  facts: RequestFacts,
  result: object | undefined,
  /** The request's id as it was sent. */
  givenId: string | null,
) => void;

/**
 * One line for each operation: its name, how long it took and how it ended, and no word of what it
 * was about. What nobody foresaw is logged whole, under an id that the client gets with the error.
 */
export function createOperationLog(logger: Logger): OperationLog {
  const tellCause = createTeller(logger);
  return ({ operation, startedAt = monotonicMs() }, result, givenId) => {
    const errors = errorsOf(result);
    if (errors.length === 0 && !logger.isLevelEnabled('info')) return;
    const requestId = givenId !== null && REQUEST_ID.test(givenId) ? givenId : uuidV7();
    tellHidden(logger, tellCause, errors, requestId);
    const outcome = errors[0]?.extensions['code'] ?? 'OK';
    const durationMs = Math.round((monotonicMs() - startedAt) * 1_000) / 1_000;
    const name = operation?.slice(0, OPERATION_CHARS_MAX);
    const more = errors.length > 1 ? { errors: errors.length } : undefined;
    logger.info({ requestId, operation: name, durationMs, outcome, ...more }, 'operation');
  };
}

/** Finds out what the log needs to know, on Yoga's way. */
export function useRequestLog(log: OperationLog): Plugin<RequestFacts, RequestFacts> {
  return {
    onRequestParse({ serverContext }) {
      serverContext.startedAt = monotonicMs();
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const name = getOperationAST(document, operationName)?.name?.value;
      if (name !== undefined) contextValue.operation = name;
    },
    onResultProcess({ request, result, serverContext }) {
      log(serverContext, result, request.headers.get('x-request-id'));
    },
  };
}

function errorsOf(result: object | undefined): readonly GraphQLError[] {
  return result !== undefined && 'errors' in result && Array.isArray(result.errors)
    ? result.errors
    : [];
}

/** A batch may fail a thousand times for one reason, which is told once. */
function tellHidden(
  logger: Logger,
  tellCause: TellCause,
  errors: readonly GraphQLError[],
  requestId: string,
): void {
  const causes = new Map<unknown, { readonly cause: unknown; times: number }>();
  for (const error of errors) {
    const cause = hiddenCause(error);
    if (cause === undefined) continue;
    error.extensions['requestId'] = requestId;
    const told = causes.get(reasonOf(cause));
    if (told === undefined) causes.set(reasonOf(cause), { cause, times: 1 });
    else told.times += 1;
  }
  const reasons = [...causes.values()];
  for (const { cause, times } of reasons.slice(0, REASONS_MAX)) {
    tellCause(cause, { requestId, ...(times > 1 && { times }) });
  }
  if (reasons.length > REASONS_MAX) {
    logger.error({ requestId, reasons: reasons.length }, 'more errors than are told one by one');
  }
}

/** Each item of a batch that finds the queue full has an error of its own, and they say the same. */
function reasonOf(cause: unknown): unknown {
  return cause instanceof UnavailableError ? (cause.cause ?? cause.code) : cause;
}

type TellCause = (cause: unknown, facts: object) => void;

/** Calls that are shed come by the thousand: the log says once a second that there are any, and how many. */
const SHED_TOLD_INTERVAL_MS = 1_000;

function createTeller(logger: Logger): TellCause {
  let shed = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  function tellShed({ code, message }: UnavailableError, facts: object): void {
    shed += 1;
    if (monotonicMs() - toldAt < SHED_TOLD_INTERVAL_MS) return;
    logger.warn({ ...facts, code, shed }, message);
    shed = 0;
    toldAt = monotonicMs();
  }

  return (cause, facts) => {
    if (!(cause instanceof UnavailableError)) {
      logger.error({ ...facts, err: cause }, 'unexpected error');
    } else if (cause.code === 'OVERLOADED') {
      tellShed(cause, facts);
    } else {
      logger.warn({ ...facts, code: cause.code, err: cause.cause }, cause.message);
    }
  };
}
