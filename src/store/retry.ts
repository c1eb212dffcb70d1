import { setTimeout as wait } from 'node:timers/promises';
import {
  closed,
  LockTimeoutError,
  type UnavailableCode,
  UnavailableError,
  unreadable,
} from '../domain/unavailable.js';
import { monotonicMs } from '../platform/clock.js';
import { ClosedWait } from './closed-wait.js';
import { type Failure, failureOf, provesNoCommit } from './failure.js';
import { noteFailure } from './failure-figures.js';

const ATTEMPTS_MAX = 5;
const PAUSE_MS_MAX = 20;

/** The place is on another server: what was to be done is to be done there, and nothing was done here. */
export class MovedError extends Error {
  override readonly name = 'MovedError';
}

/** Between two tries while the fence is closed. */
const CLOSED_PAUSE_MS = 50;

const DID_NOTHING: ReadonlySet<Failure> = new Set<Failure>([
  'SERIALIZATION',
  'UNPREPARED',
  'NOT_BEGUN',
]);

/**
 * Runs work that PostgreSQL may abort in favor of another transaction (40001, 40P01), or whose session it may have ended for
 * being idle (57P05): such work did nothing, so it is tried again, a bounded number of times. So is what the fence refuses, unless the
 * place has moved: then a `MovedError` is thrown. Any other failure of the connection becomes an `UnavailableError`;
 * `mayHaveCommitted` says whether a commit could have been sent by then.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  mayHaveCommitted: () => boolean,
  closedWait = new ClosedWait(),
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = failureOf(error);
      noteFailure(failure, error);
      if (DID_NOTHING.has(failure) && attempt < ATTEMPTS_MAX) {
        await wait(attempt * (PAUSE_MS_MAX / ATTEMPTS_MAX));
        continue;
      }
      const { hasMoved } = closedWait;
      // If it cannot move, tables that are missing are missing.
      const isAway = failure === 'CLOSED' || (failure === 'MOVED' && hasMoved !== null);
      if (isAway) {
        if (await hasMoved?.()) throw new MovedError('moved', { cause: error });
        if (!closedWait.isWorthwhile(monotonicMs())) throw closed(error);
        attempt -= 1;
        await wait(CLOSED_PAUSE_MS);
        continue;
      }
      throw unavailableAfter(error, mayHaveCommitted());
    }
  }
}

/** Codes that mean the same for a read as for a write. */
const TOLD_OF_READS: ReadonlySet<UnavailableCode> = new Set(['OVERLOADED', 'CUSTOMER_LOCKED']);

/** The same for reads, which can always be repeated. */
export async function retryingRead<T>(read: () => Promise<T>, closedWait?: ClosedWait): Promise<T> {
  try {
    return await retrying(read, () => false, closedWait);
  } catch (error) {
    if (!(error instanceof UnavailableError) || TOLD_OF_READS.has(error.code)) throw error;
    throw failureOf(error.cause) === 'TIMEOUT'
      ? new UnavailableError('READ_TIMEOUT', error.cause)
      : unreadable(error.cause);
  }
}

/**
 * The error to answer with: what the failure says about the database, or else the error itself. Once a commit may have
 * been sent, an error that does not prove the contrary may follow it, and must not be mistaken for a refusal, after which
 * the commands of a batch are tried again one by one.
 */
function unavailableAfter(error: unknown, mayHaveCommitted: boolean): unknown {
  if (mayHaveCommitted && !provesNoCommit(error)) {
    return new UnavailableError('OUTCOME_UNKNOWN', error);
  }
  switch (failureOf(error)) {
    case 'LOCK_TIMEOUT':
      return new LockTimeoutError(error);
    case 'BUSY':
      return new UnavailableError('OVERLOADED', error);
    case 'TIMEOUT':
      return new UnavailableError('DATABASE_TIMEOUT', error);
    case 'SERIALIZATION':
      return new UnavailableError('WRITE_CONTENTION', error);
    case 'CONNECTION_LOST':
    case 'UNREACHABLE':
    case 'REFUSED':
    case 'UNPREPARED':
    case 'NOT_BEGUN':
      return new UnavailableError('DATABASE_UNAVAILABLE', error);
    default:
      return error;
  }
}
