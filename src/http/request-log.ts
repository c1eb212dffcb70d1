import type { GraphQLError } from 'graphql';
import type { OperationLogConfig } from '../config/log-settings.js';
import { type UnavailableCode, UnavailableError } from '../domain/unavailable.js';
import { CustomerTokenError } from '../meter/access/customer-tokens.js';
import { logFigures } from '../platform/log/log-figures.js';
import { TOLD_INTERVAL_MS } from '../platform/log/repeats.js';
import type { Logger } from '../platform/logger.js';
import { hiddenCause } from './errors.js';
import { type EndedOperation, factsOf, nameOf } from './operation-line.js';
import { PerSecond } from './per-second.js';
import type { RunningOperation } from './running.js';

/** The maximum number of reasons logged for one operation. */
export const REASONS_MAX = 10;

export interface OperationLog {
  /** `status`: that of its answer. */
  ended(operation: EndedOperation, status: number, durationMs: number): void;
  /** Tells what the errors of an answer hide, and adds to them the id under which the log has it. */
  causes(errors: readonly GraphQLError[], requestId: string): void;
  /** An operation takes long and is still running. */
  slow(operation: RunningOperation, runningMs: number): void;
  /** A request was refused because there is too much to do. */
  shed(requestId: string): void;
}

/**
 * One line per operation: who called it, how long it took and how it ended, but nothing about what it contained. What makes many
 * operations fail alike, such as a database that is down, is logged once a second with their number, instead of a line for each.
 * Unforeseen errors are logged under the id that the client gets with the error.
 */
export function createOperationLog(
  logger: Logger,
  config: OperationLogConfig,
  monotonicMs: () => number,
): OperationLog {
  const isLogged = chooser(config, monotonicMs);
  const leftOut = new LeftOut(logger);
  return {
    ended(operation, status, durationMs) {
      if (!logger.isLevelEnabled('info')) return;
      const { outcome } = operation;
      // Calls of one kind can be many: those who send them do not decide what there is to read about the others.
      if (isOfAll(status, outcome)) {
        if (outcome === 'OPERATION_TIMEOUT') tellTimeout(logger, operation);
        return;
      }
      const wanted = isLogged(operation, durationMs);
      if (wanted === 'NO') return;
      if (wanted === 'YES') logger.info(factsOf(operation, status, durationMs), 'operation');
      else leftOut.add();
    },
    causes(errors, requestId) {
      if (errors.length > 0) tellHidden(logger, errors, requestId);
    },
    slow({ name, requestId, caller: { projectId, keyId } }, runningMs) {
      const facts = { requestId, projectId, keyId, operation: nameOf(name) };
      logger.warn({ ...facts, runningMs: Math.round(runningMs) }, 'slow operation, still running');
    },
    shed(requestId) {
      tellUnavailable(logger, SHED, { requestId });
    },
  };
}

/** Whether the operation was not answered for a reason that concerns others as well, which is logged by itself. */
function isOfAll(status: number, outcome: unknown): boolean {
  return outcome !== undefined && (status === 503 || status === 504);
}

type Wanted = 'YES' | 'NO' | 'LEFT_OUT';

/** Failed operations do not take the places of others, nor do requests without a key, which anyone can send. */
function chooser(
  { logOperations, logOperationsPerSecond, slowOperationMs }: OperationLogConfig,
  monotonicMs: () => number,
): (operation: EndedOperation, durationMs: number) => Wanted {
  const places = () => new PerSecond(logOperationsPerSecond, monotonicMs);
  const succeeded = places();
  const failed = places();
  const unknown = places();
  if (logOperations === 'none') return () => 'NO';
  const slowMs = { all: 0, slow: slowOperationMs, failed: Number.POSITIVE_INFINITY }[logOperations];
  return ({ outcome, caller }, durationMs) => {
    if (outcome === undefined && durationMs < slowMs) return 'NO';
    const place = caller === null ? unknown : outcome === undefined ? succeeded : failed;
    return place.take() ? 'YES' : 'LEFT_OUT';
  };
}

/** Counts the operations without a line, of which there may be many thousands a second. */
class LeftOut {
  readonly #logger: Logger;
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(): void {
    this.#count += 1;
    logFigures.omitted.add('over_limit');
    if (this.#count === 1) setTimeout(() => this.#tell(), TOLD_INTERVAL_MS).unref();
  }

  #tell(): void {
    this.#logger.warn(
      { times: this.#count },
      'Operations are missing from the log: there were more than LOG_OPERATIONS_PER_SECOND.',
    );
    this.#count = 0;
  }
}

function tellTimeout(logger: Logger, { requestId, caller, operation }: EndedOperation): void {
  const facts = { requestId, projectId: caller?.projectId, keyId: caller?.keyId };
  logger.warn(
    { ...facts, operation: nameOf(operation?.name) },
    'An operation has exceeded OPERATION_TIMEOUT_MS.',
  );
}

/** A batch may fail a thousand times for the same reason, which is logged once. */
function tellHidden(logger: Logger, errors: readonly GraphQLError[], requestId: string): void {
  const causes = new Map<unknown, { readonly cause: unknown; times: number }>();
  for (const error of errors) {
    const cause = hiddenCause(error);
    if (cause === undefined) continue;
    if (cause instanceof CustomerTokenError) {
      // Without an id in the answer, so that all of them are the same; the reason is for those who sign tokens, not for those who forge them.
      const { projectId, message: reason } = cause;
      logger.warn({ requestId, projectId, reason }, 'customer token refused');
      continue;
    }
    error.extensions['requestId'] = requestId;
    const told = causes.get(reasonOf(cause));
    if (told === undefined) causes.set(reasonOf(cause), { cause, times: 1 });
    else told.times += 1;
  }
  const reasons = [...causes.values()];
  for (const { cause, times } of reasons.slice(0, REASONS_MAX)) {
    const facts = { requestId, ...(times > 1 && { times }) };
    if (cause instanceof UnavailableError) tellUnavailable(logger, cause, facts);
    else logger.error({ ...facts, err: cause }, 'unexpected error');
  }
  if (reasons.length > REASONS_MAX) {
    logger.error(
      { requestId, reasons: reasons.length },
      'more errors than are logged individually',
    );
  }
}

/** Each item of a batch that finds the queue full has its own error, and all say the same. */
function reasonOf(cause: unknown): unknown {
  return cause instanceof UnavailableError ? (cause.cause ?? cause.code) : cause;
}

/** One for all, because in a flood there are thousands a second, and an error with its stack is expensive. */
const SHED = new UnavailableError('OVERLOADED');

/** Without a stack, which does not help if a server is down. */
function tellUnavailable(logger: Logger, error: UnavailableError, facts: object): void {
  const { code, cause } = error;
  const reason = cause instanceof Error ? { reason: lastLineOf(cause) } : undefined;
  logger.warn({ ...facts, code, ...reason }, UNAVAILABLE[code]);
}

/** For those who run the gateway; clients are told what they can do. */
const UNAVAILABLE: Record<UnavailableCode, string> = {
  OVERLOADED: 'Calls were refused: too many are waiting.',
  DATABASE_UNAVAILABLE: 'Calls failed: the database cannot be reached, or accepts no writes.',
  WRITE_CONTENTION: 'Calls failed: others kept changing the same data.',
  CUSTOMER_LOCKED: 'Calls failed: another transaction holds a lock in the database.',
  DATABASE_TIMEOUT: 'Calls failed: a statement exceeded STATEMENT_TIMEOUT_MS.',
  OUTCOME_UNKNOWN: 'Calls failed: the connection was lost before a commit was confirmed.',
  RESULT_UNREADABLE: 'Calls failed: a newer release has stored what this one cannot read.',
  TIME_ZONE_UNKNOWN: 'Calls failed: this Node.js does not know the time zone of a balance.',
  READS_OVERLOADED: 'Reads were refused: their project has too many in progress.',
  READ_TIMEOUT: 'Reads failed: a statement exceeded STATEMENT_TIMEOUT_MS.',
};

/** Prisma's messages begin with empty lines and the name of its method. */
function lastLineOf({ message }: Error): string {
  return message.trim().split('\n').at(-1) ?? '';
}
