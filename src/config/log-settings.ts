import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from '../platform/logger.js';
import { about, oneOf, whole } from './setting.js';

export const LOGGED_OPERATIONS = ['all', 'slow', 'failed', 'none'] as const;

/** Which operations have a line: all, those that were slow or failed, those that failed, or none. */
export type LoggedOperations = (typeof LOGGED_OPERATIONS)[number];

export interface OperationLogConfig {
  readonly logOperations: LoggedOperations;
  /** How many operations have a line in a second, of each class. */
  readonly logOperationsPerSecond: number;
  readonly slowOperationMs: number;
}

/** The defaults. */
export const OPERATION_LOG: OperationLogConfig = {
  logOperations: 'all',
  logOperationsPerSecond: 1_000,
  slowOperationMs: 1_000,
};

export interface LogConfig extends OperationLogConfig {
  readonly logLevel: LogLevel;
}

export const logSettings = {
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .prefault('info')
    .register(about, {
      default: 'info',
      allowed: oneOf(LOG_LEVELS),
      meaning:
        'The lowest level that is logged, to stderr. The lines of operations have the level `info`.',
    }),
  LOG_OPERATIONS: z
    .enum(LOGGED_OPERATIONS)
    .prefault(OPERATION_LOG.logOperations)
    .register(about, {
      default: OPERATION_LOG.logOperations,
      allowed: oneOf(LOGGED_OPERATIONS),
      meaning:
        'Which operations have a line of their own in the log: `all`, those that were `slow` or failed, those that ' +
        '`failed`, or `none`.',
    }),
  LOG_OPERATIONS_PER_SECOND: whole({
    default: OPERATION_LOG.logOperationsPerSecond,
    min: 1,
    max: 100_000,
    meaning:
      'How many operations have a line in one second, counted separately for those that succeed, those that fail, and requests without ' +
      'a valid key. One more line says how many were omitted.',
  }),
  SLOW_OPERATION_MS: whole({
    default: OPERATION_LOG.slowOperationMs,
    min: 1,
    max: 600_000,
    meaning: 'An operation that takes longer is slow: a line says so while it is running.',
  }),
};

interface Environment {
  readonly LOG_LEVEL: LogLevel;
  readonly LOG_OPERATIONS: LoggedOperations;
  readonly LOG_OPERATIONS_PER_SECOND: number;
  readonly SLOW_OPERATION_MS: number;
}

export function logConfigOf(environment: Environment): LogConfig {
  return {
    logLevel: environment.LOG_LEVEL,
    logOperations: environment.LOG_OPERATIONS,
    logOperationsPerSecond: environment.LOG_OPERATIONS_PER_SECOND,
    slowOperationMs: environment.SLOW_OPERATION_MS,
  };
}
