import type { Account } from '../domain/account.js';
import { BrokenInvariantError } from '../domain/assert.js';
import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import type { Changes, Command, Facts } from './command.js';
import { type Answer, refuse } from './verb.js';

/** A command together with the caller who waits for its answer. */
export interface Job {
  readonly command: Command<unknown>;
  decide(
    account: Account,
    facts: Facts,
  ): {
    readonly changes: Changes | null;
    outcome(): string;
    settle(recordedAt: Instant): void;
  };
  replay(outcome: unknown, recordedAt: Instant): void;
  refuse(refusal: Refusal | null): void;
  fail(error: unknown): void;
}

/** Ties a command to the promise of its answer. */
export function createJob<T>(
  command: Command<T>,
  resolve: (answer: Answer<T>) => void,
  reject: (error: unknown) => void,
): Job {
  // By now the change is committed: a failure to say so is this caller's alone and must not undo or repeat anything.
  function attempt(answer: () => Answer<T>): void {
    try {
      resolve(answer());
    } catch (error) {
      reject(error);
    }
  }
  return {
    command,
    decide(account, facts) {
      const decision = command.decide(account, facts);
      return {
        changes: decision.changes,
        outcome: () => decision.outcome(),
        settle: (recordedAt) => attempt(() => decision.answer(recordedAt)),
      };
    },
    replay: (outcome, recordedAt) => attempt(() => command.replay(outcome, recordedAt)),
    refuse: (refusal) =>
      refusal === null
        ? reject(new BrokenInvariantError('a command must refuse a customer that does not exist'))
        : resolve(refuse<T>(refusal)),
    fail: reject,
  };
}
