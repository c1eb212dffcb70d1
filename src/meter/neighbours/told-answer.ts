/** What has become of a command, between gateways: JSON text without its brackets, after the command's number. */
import { isRefusal } from '../../domain/refusal.js';
import { isUnavailableCode, UnavailableError } from '../../domain/unavailable.js';
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
  if (!result.ok) return told(REFUSED, result.refusal);
  const { stored, recordedAt, replayed } = result.value;
  return `${DONE},${stored},${recordedAt},${replayed},${JSON.stringify(batch?.id ?? null)}`;
}

/** With what is logged of it where the call has arrived. */
export function toldFailure(error: unknown): string {
  if (error instanceof UnavailableError) {
    const { code, message, cause } = error;
    return told(UNAVAILABLE, code, message, cause instanceof Error ? cause.message : null);
  }
  return told(FAILED, error instanceof Error ? (error.stack ?? error.message) : null);
}

function told(...values: readonly unknown[]): string {
  return JSON.stringify(values).slice(1, -1);
}

/** Completes a command with what its neighbour has answered. */
export function settle(command: Command<unknown>, answer: ToldAnswer): void {
  const [kind, what, more, last, batch] = answer;
  if (kind === DONE) {
    if (typeof batch === 'string') command.submitter?.carriedBy?.({ id: batch });
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
}
