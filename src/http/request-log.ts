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

/** Tells the log of operations, whichever way they came. */
export interface OperationLog {
  /** One has ended. `givenId` is the request's id as it was sent. */
  ended(facts: RequestFacts, result: object | undefined, givenId: string | null): void;
  /** One was refused before it was read. Gives the id that its answer tells. */
  shed(givenId: string | null): string;
}

/**
 * One line for each operation: its name, how long it took and how it ended, and no word of what it
 * was about. What nobody foresaw is logged whole, under an id that the client gets with the error.
 */
export function createOperationLog(logger: Logger): OperationLog {
  const tellShed = createShedTeller(logger);
  return {
    ended({ operation, startedAt = monotonicMs() }, result, givenId) {
      const errors = errorsOf(result);
      if (errors.length === 0 && !logger.isLevelEnabled('info')) return;
      const requestId = requestIdOf(givenId);
      tellHidden({ logger, tellShed, errors, requestId });
      const outcome = errors[0]?.extensions['code'] ?? 'OK';
      const durationMs = Math.round((monotonicMs() - startedAt) * 1_000) / 1_000;
      const name = operation?.slice(0, OPERATION_CHARS_MAX);
      const more = errors.length > 1 ? { errors: errors.length } : undefined;
      logger.info({ requestId, operation: name, durationMs, outcome, ...more }, 'operation');
    },
    shed(givenId) {
      const requestId = requestIdOf(givenId);
      tellShed(SHED, { requestId });
      return requestId;
    },
  };
}

function requestIdOf(givenId: string | null): string {
  return givenId !== null && REQUEST_ID.test(givenId) ? givenId : uuidV7();
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
      log.ended(serverContext, result, request.headers.get('x-request-id'));
    },
  };
}

function errorsOf(result: object | undefined): readonly GraphQLError[] {
  return result !== undefined && 'errors' in result && Array.isArray(result.errors)
    ? result.errors
    : [];
}

interface Telling {
  readonly logger: Logger;
  readonly tellShed: TellShed;
  readonly errors: readonly GraphQLError[];
  readonly requestId: string;
}

/** A batch may fail a thousand times for one reason, which is told once. */
function tellHidden({ logger, tellShed, errors, requestId }: Telling): void {
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
    tellCause(cause, { requestId, ...(times > 1 && { times }) }, { logger, tellShed });
  }
  if (reasons.length > REASONS_MAX) {
    logger.error({ requestId, reasons: reasons.length }, 'more errors than are told one by one');
  }
}

/** Each item of a batch that finds the queue full has an error of its own, and they say the same. */
function reasonOf(cause: unknown): unknown {
  return cause instanceof UnavailableError ? (cause.cause ?? cause.code) : cause;
}

function tellCause(
  cause: unknown,
  facts: object,
  { logger, tellShed }: Pick<Telling, 'logger' | 'tellShed'>,
): void {
  if (!(cause instanceof UnavailableError)) {
    logger.error({ ...facts, err: cause }, 'unexpected error');
  } else if (cause.code === 'OVERLOADED') {
    tellShed(cause, facts);
  } else {
    logger.warn({ ...facts, code: cause.code, err: cause.cause }, cause.message);
  }
}

type TellShed = (cause: UnavailableError, facts: object) => void;

/** One for all, because in a flood there are thousands a second, and an error with its stack is dear. */
const SHED = new UnavailableError('OVERLOADED');

/** Calls that are shed come by the thousand: the log says once a second that there are any, and how many. */
const SHED_TOLD_INTERVAL_MS = 1_000;

function createShedTeller(logger: Logger): TellShed {
  let shed = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ code, message }, facts) => {
    shed += 1;
    if (monotonicMs() - toldAt < SHED_TOLD_INTERVAL_MS) return;
    logger.warn({ ...facts, code, shed }, message);
    shed = 0;
    toldAt = monotonicMs();
  };
}
