/** What has become of a command, between gateways: JSON text without its brackets, after the command's number. */
import { isRefusal } from '../../domain/refusal.js';
import { isUnavailableCode, UnavailableError } from '../../domain/unavailable.js';
import type { TraceContext } from '../../tracing/trace-context.js';
import { type Result, refuse } from '../verb.js';
import type { CarryingBatch } from '../write/carrying-batch.js';
import type { Command } from '../write/command.js';
import type { ToldAnswer } from './neighbour.js';
import type { ToldResult } from './told-track.js';

const DONE = 0;
const REFUSED = 1;
const UNAVAILABLE = 2;
const FAILED = 3;

export function toldResult(result: Result<ToldResult>, batch: CarryingBatch | null): string {
  if (!result.ok) return told(REFUSED, batch, result.refusal);
  const { stored, recordedAt, replayed } = result.value;
  return `${told(DONE, batch)},${stored},${recordedAt},${replayed}`;
}

/** With what is logged of it where the call has arrived. */
export function toldFailure(error: unknown, batch: CarryingBatch | null): string {
  if (error instanceof UnavailableError) {
    const { code, message, cause } = error;
    return told(UNAVAILABLE, batch, code, message, cause instanceof Error ? cause.message : null);
  }
  return told(FAILED, batch, error instanceof Error ? (error.stack ?? error.message) : null);
}

/** All begin alike: what it is, and the batch that carried the command. */
function told(kind: number, batch: CarryingBatch | null, ...values: readonly unknown[]): string {
  return JSON.stringify([kind, batch?.id ?? null, batch?.traceContext ?? null, ...values]).slice(
    1,
    -1,
  );
}

/** Completes a command with what its neighbour has answered. Returns the trace of the batch that carried it, if that is recorded. */
export function settle(command: Command<unknown>, answer: ToldAnswer): TraceContext | null {
  const [kind, batch, batchTrace, what, more, last] = answer;
  const traceContext = typeof batchTrace === 'string' ? batchTrace : null;
  if (typeof batch === 'string') command.submitter?.carriedBy?.({ id: batch, traceContext });
  if (kind === DONE) {
    command.complete(() => command.again(what, Number(more), last === true));
  } else if (kind === REFUSED && isRefusal(what)) {
    command.complete(() => refuse(what));
  } else if (kind === UNAVAILABLE && isUnavailableCode(what)) {
    const cause = typeof last === 'string' ? new Error(last) : undefined;
    command.fail(new UnavailableError(what, cause, String(more)));
  } else {
    const error = new Error('A neighbour could not carry out a call.');
    if (typeof what === 'string') error.stack = what;
    command.fail(error);
  }
  return traceContext;
}
