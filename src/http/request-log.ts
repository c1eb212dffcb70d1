import { type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { UnavailableError } from '../meter/errors.js';
import { monotonicMs } from '../platform/clock.js';
import { uuidV7 } from '../platform/id.js';
import type { Logger } from '../platform/logger.js';
import { hiddenCause } from './errors.js';
import type { RequestFacts } from './request-facts.js';

/** Longest name of an operation that is logged: clients choose it. */
const OPERATION_CHARS_MAX = 100;

/** A request's id as a proxy in front may have given it. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * One line for each operation: its name, how long it took and how it ended, and no word of what it
 * was about. What nobody foresaw is logged whole, under an id that the client gets with the error.
 */
export function useRequestLog(logger: Logger): Plugin<RequestFacts, RequestFacts> {
  return {
    onRequestParse({ serverContext }) {
      serverContext.startedAt = monotonicMs();
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const name = getOperationAST(document, operationName)?.name?.value;
      if (name !== undefined) contextValue.operation = name.slice(0, OPERATION_CHARS_MAX);
    },
    onResultProcess({ request, result, serverContext }) {
      const errors = errorsOf(result);
      if (errors.length === 0 && !logger.isLevelEnabled('info')) return;
      const requestId = idOf(request);
      for (const error of errors) tellHidden(logger, error, requestId);
      const { operation, startedAt = monotonicMs() } = serverContext;
      const outcome = errors[0]?.extensions['code'] ?? 'OK';
      const durationMs = Math.round((monotonicMs() - startedAt) * 1_000) / 1_000;
      logger.info({ requestId, operation, durationMs, outcome }, 'operation');
    },
  };
}

function errorsOf(result: object | undefined): readonly GraphQLError[] {
  return result !== undefined && 'errors' in result && Array.isArray(result.errors)
    ? result.errors
    : [];
}

function idOf({ headers }: Request): string {
  const given = headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : uuidV7();
}

function tellHidden(logger: Logger, error: GraphQLError, requestId: string): void {
  const cause = hiddenCause(error);
  if (cause === undefined) return;
  error.extensions['requestId'] = requestId;
  if (cause instanceof UnavailableError) {
    logger.warn({ requestId, code: cause.code, err: cause.cause }, cause.message);
  } else {
    logger.error({ requestId, err: cause }, 'unexpected error');
  }
}
