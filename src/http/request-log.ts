import type { GraphQLError } from 'graphql';
import { UnavailableError } from '../domain/unavailable.js';
import { CustomerTokenError } from '../meter/access/customer-tokens.js';
import type { Caller } from '../meter/verb.js';
import type { CarryingBatch } from '../meter/write/carrying-batch.js';
import { monotonicMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { Operation } from './document.js';
import { hiddenCause } from './errors.js';
import type { OperationCost } from './field-count/field-count.js';
import { costTold } from './field-count/refusals.js';
import { mayBeSecret } from './may-be-secret.js';
import type { RunningOperation } from './running.js';
import { TOLD_INTERVAL_MS, ToldRarely } from './told-rarely.js';

/** The longest name of an operation that is logged: clients choose it. */
const OPERATION_CHARS_MAX = 100;

/** The maximum number of reasons logged for one operation. */
export const REASONS_MAX = 10;

/** An operation that is over. What it has not got as far as is null. */
export interface EndedOperation {
  readonly requestId: string;
  readonly caller: Pick<Caller, 'projectId' | 'keyId'> | null;
  readonly operation: Pick<Operation, 'name' | 'isMutation'> | null;
  readonly costOf: (() => Pick<OperationCost, 'requested'>) | null;
  /** The code of its first error; undefined if there is none. */
  readonly outcome: unknown;
  readonly errorCount: number;
  readonly batches: readonly CarryingBatch[];
  /** Undefined if it is not traced. */
  readonly traceId?: string | undefined;
}

export interface OperationLog {
  ended(operation: EndedOperation, durationMs: number): void;
  /** Tells what the errors of an answer hide, and adds to them the id under which the log has it. */
  causes(errors: readonly GraphQLError[], requestId: string): void;
  /** An operation takes long and is still running. */
  readonly slow: (operation: RunningOperation, runningMs: number) => void;
  /** A request was refused because there is too much to do. */
  shed(requestId: string): void;
}

/**
 * One line per operation: its name, how long it took and how it ended, but nothing about what it
 * contained. Unforeseen errors are logged in full, under an id that the client gets with the error.
 */
export function createOperationLog(logger: Logger): OperationLog {
  const tellShed = createShedTeller(logger);
  const tellToken = createTokenTeller(logger);
  return {
    ended(operation, durationMs) {
      if (logger.isLevelEnabled('info')) logger.info(factsOf(operation, durationMs), 'operation');
    },
    causes(errors, requestId) {
      if (errors.length > 0) tellHidden({ logger, tellShed, tellToken, errors, requestId });
    },
    slow: createSlowTeller(logger),
    shed(requestId) {
      tellShed(SHED, { requestId });
    },
  };
}

/** The maximum number of slow operations that are logged in one interval: if the database stalls, all of them are slow. */
export const SLOW_TOLD_MAX = 10;

function createSlowTeller(logger: Logger): OperationLog['slow'] {
  let since = Number.NEGATIVE_INFINITY;
  let told = 0;
  let untold = 0;
  return ({ name, requestId, caller: { projectId, keyId } }, runningMs) => {
    if (monotonicMs() - since >= TOLD_INTERVAL_MS) {
      since = monotonicMs();
      told = 0;
    }
    if (told >= SLOW_TOLD_MAX) {
      untold += 1;
      return;
    }
    const operation = nameOf(name);
    const facts = { requestId, projectId, keyId, operation, runningMs: Math.round(runningMs) };
    logger.warn({ ...facts, ...(untold > 0 && { untold }) }, 'slow operation, still running');
    told += 1;
    untold = 0;
  };
}

function factsOf(ended: EndedOperation, durationMs: number): object {
  const { requestId, caller, operation, costOf, outcome, errorCount, batches, traceId } = ended;
  return {
    requestId,
    projectId: caller?.projectId ?? null,
    keyId: caller?.keyId ?? null,
    operation: nameOf(operation?.name),
    kind: operation === null ? null : operation.isMutation ? 'mutation' : 'query',
    cost: costOf === null ? null : costTold(costOf().requested),
    outcome: outcome ?? 'OK',
    ...(errorCount > 1 && { errors: errorCount }),
    durationMs: Math.round(durationMs * 1_000) / 1_000,
    ...(batches.length > 0 && { batches: batches.map(({ id }) => id) }),
    ...(traceId !== undefined && { traceId }),
  };
}

/** Clients choose it, although GraphQL allows only letters, digits and `_`. */
function nameOf(name: string | undefined): string | null {
  if (name === undefined) return null;
  return mayBeSecret(name) ? '(may be a secret)' : name.slice(0, OPERATION_CHARS_MAX);
}

interface Telling {
  readonly logger: Logger;
  readonly tellShed: TellShed;
  readonly tellToken: TellToken;
  readonly errors: readonly GraphQLError[];
  readonly requestId: string;
}

/** A batch may fail a thousand times for the same reason, which is logged once. */
function tellHidden({ logger, tellShed, tellToken, errors, requestId }: Telling): void {
  const causes = new Map<unknown, { readonly cause: unknown; times: number }>();
  for (const error of errors) {
    const cause = hiddenCause(error);
    if (cause === undefined) continue;
    if (cause instanceof CustomerTokenError) {
      // Without an id in the answer, so that all of them are the same.
      tellToken(cause, { requestId });
      continue;
    }
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

function tellCause(
  cause: unknown,
  facts: object,
  { logger, tellShed }: Pick<Telling, 'logger' | 'tellShed'>,
): void {
  if (!(cause instanceof UnavailableError)) {
    logger.error({ ...facts, err: cause }, 'unexpected error');
  } else {
    tellShed(cause, facts);
  }
}

type TellShed = (cause: UnavailableError, facts: object) => void;

/** One for all, because in a flood there are thousands a second, and an error with its stack is expensive. */
const SHED = new UnavailableError('OVERLOADED');

function createShedTeller(logger: Logger): TellShed {
  const told = new ToldRarely();
  return ({ code, message, cause }, facts) => {
    const calls = told.add(code);
    if (calls === null) return;
    const count = code === 'OVERLOADED' ? { shed: calls } : { calls };
    // Without its stack, which does not help if a server is down.
    const reason = cause instanceof Error ? { reason: lastLineOf(cause) } : undefined;
    logger.warn({ ...facts, code, ...count, ...reason }, message);
  };
}

type TellToken = (cause: CustomerTokenError, facts: object) => void;

/** The answer does not say why: that is for those who sign tokens, not for those who forge them. */
function createTokenTeller(logger: Logger): TellToken {
  const told = new ToldRarely();
  return ({ message: reason, projectId }, facts) => {
    const calls = told.add(reason);
    if (calls !== null)
      logger.warn({ ...facts, projectId, calls, reason }, 'customer token refused');
  };
}

/** Prisma's messages begin with empty lines and the name of its method. */
function lastLineOf({ message }: Error): string {
  return message.trim().split('\n').at(-1) ?? '';
}
