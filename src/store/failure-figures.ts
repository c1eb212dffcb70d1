import { Tally } from '../platform/tally.js';
import type { Failure } from './failure.js';
import { sqlStateOf } from './failure.js';

const FAILURES: readonly Failure[] = [
  'UNREACHABLE',
  'BUSY',
  'CONNECTION_LOST',
  'SERIALIZATION',
  'UNPREPARED',
  'NOT_BEGUN',
  'TIMEOUT',
  'LOCK_TIMEOUT',
  'REFUSED',
  'CLOSED',
  'MOVED',
  'DATA',
  'OTHER',
];

/** How often calls to the database have failed in this process, retried or not. */
export const failures = new Tally<Failure>(FAILURES);

export function noteFailure(failure: Failure, error: unknown): void {
  // What the program throws to leave a transaction is not the database's.
  if (failure === 'OTHER' && sqlStateOf(error) === null) return;
  failures.add(failure);
}
