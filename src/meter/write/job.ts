import type { Account } from '../../domain/account.js';
import { BrokenInvariantError, present } from '../../domain/assert.js';
import type { Instant } from '../../domain/interval.js';
import type { Refusal } from '../../domain/refusal.js';
import { type Answer, refuse } from '../verb.js';
import type { Changes, Command, Decision, Facts } from './command.js';

/** A command together with the caller who waits for its answer. */
export interface Job {
  readonly command: Command<unknown>;
  /** What the command changes. It may be asked again: the last decision is the one that counts. */
  decide(account: Account, facts: Facts): Changes | null;
  /** What is stored of the last decision under the idempotency key. */
  outcome(): string;
  /** Answers with the last decision, once it is committed. */
  settle(recordedAt: Instant): void;
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
  return new WaitingJob(command, resolve, reject);
}

/** A class, because there is one for every call, and closures would be six times as many objects. */
class WaitingJob<T> implements Job {
  readonly command: Command<T>;
  readonly #resolve: (answer: Answer<T>) => void;
  readonly #reject: (error: unknown) => void;
  #decision: Decision<T> | null = null;

  constructor(
    command: Command<T>,
    resolve: (answer: Answer<T>) => void,
    reject: (error: unknown) => void,
  ) {
    this.command = command;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  decide(account: Account, facts: Facts): Changes | null {
    this.#decision = this.command.decide(account, facts);
    return this.#decision.changes;
  }

  outcome(): string {
    return present(this.#decision, 'a job is decided first').outcome();
  }

  // By now the change is committed: a failure to say so is this caller's alone and must not undo or repeat anything.
  settle(recordedAt: Instant): void {
    try {
      this.#resolve(present(this.#decision, 'a job is decided first').answer(recordedAt));
    } catch (error) {
      this.#reject(error);
    }
  }

  replay(outcome: unknown, recordedAt: Instant): void {
    try {
      this.#resolve(this.command.replay(outcome, recordedAt));
    } catch (error) {
      this.#reject(error);
    }
  }

  refuse(refusal: Refusal | null): void {
    if (refusal !== null) this.#resolve(refuse<T>(refusal));
    else
      this.fail(new BrokenInvariantError('a command must refuse a customer that does not exist'));
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
