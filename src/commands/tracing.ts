import { UnavailableError } from '../domain/unavailable.js';
import type { Logger } from '../platform/logger.js';
import { sqlStateOf } from '../store/failure.js';
import { registeredTracing } from '../tracing/registered.js';
import type { DescribeFailure, Tracing } from '../tracing/tracing.js';

/** Traces, if the user has registered an SDK; says so, because nothing else shows a mistake in that. */
export function tracingIfRegistered(logger: Logger): Tracing | null {
  const onFailure = (err: unknown) => logger.warn({ err }, 'A span could not be recorded.');
  const tracing = registeredTracing({ onFailure, describe: describeFailure });
  if (tracing !== null) logger.info('Traces are on.');
  return tracing;
}

export const describeFailure: DescribeFailure = (error) => {
  if (error instanceof UnavailableError) {
    return { type: error.code, sqlState: sqlStateOf(error.cause) };
  }
  const sqlState = sqlStateOf(error);
  return { type: sqlState ?? (error instanceof Error ? error.name : '_OTHER'), sqlState };
};
