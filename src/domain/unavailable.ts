/** Why a call could not be decided. Unlike a refusal it says nothing about the call itself. */
export type UnavailableCode =
  /** The queue is full. Nothing was done. */
  | 'OVERLOADED'
  /** The database can't be reached or takes no more. Nothing was done. */
  | 'DATABASE_UNAVAILABLE'
  /** What the call is about has changed each time that it was decided. Nothing was done. */
  | 'WRITE_CONTENTION'
  /** The customer is locked elsewhere, and has been for too long. Nothing was done. */
  | 'CUSTOMER_LOCKED'
  /** The database answers, but not in time. Nothing was done. */
  | 'DATABASE_TIMEOUT'
  /** The connection was lost with the commit under way: it may have happened or not. */
  | 'OUTCOME_UNKNOWN'
  /** A newer release has stored what this one can't read. Nothing was done. */
  | 'RESULT_UNREADABLE'
  /** A balance resets in a time zone that the runtime does not know. Nothing was done. */
  | 'TIME_ZONE_UNKNOWN'
  /** The project has as many reads waiting as it may. */
  | 'READS_OVERLOADED'
  /** A read took longer than a statement may. The same again would, too. */
  | 'READ_TIMEOUT';

const MESSAGES: Record<UnavailableCode, string> = {
  OVERLOADED:
    'The gateway has more calls waiting than it can take. Nothing was written; retry in a moment.',
  DATABASE_UNAVAILABLE: 'The database cannot be reached. Nothing was written; retry in a moment.',
  WRITE_CONTENTION:
    'What this call is about has been changed by others each time that it was decided. Nothing was ' +
    'written; retry in a moment.',
  CUSTOMER_LOCKED:
    'The customer, or all of a table, is locked in the database by another transaction. Nothing was ' +
    'written; retry in a moment. If it stays so, look for a transaction that was left open.',
  DATABASE_TIMEOUT:
    'The database did not finish in time and was stopped. Nothing was written; retry in a moment, with ' +
    'fewer items at once where you sent many.',
  OUTCOME_UNKNOWN:
    'The connection to the database was lost before the commit was confirmed. Retry with the same ' +
    'idempotencyKey to get the outcome; without a key, look at the events before you retry.',
  RESULT_UNREADABLE:
    'What is stored for this call was written by a newer release of Tollgate, and this one cannot read it. ' +
    'Nothing was written. Upgrade this gateway, then retry with the same idempotencyKey.',
  TIME_ZONE_UNKNOWN:
    'A balance of the customer resets in a time zone that this gateway does not know.',
  READS_OVERLOADED:
    'The project has more reads waiting than its share of the gateway. Wait for answers before you send ' +
    'more, or ask for fewer items at once. Writes are not affected.',
  READ_TIMEOUT:
    'Reading this takes longer than a statement may run, and would again. Ask for fewer items or a ' +
    'narrower filter.',
};

/** What a caller is told where something could not be read; what the operation wrote before that stays. */
const UNREADABLE =
  'The database cannot be reached. Nothing was written by this read; retry in a moment.';

/** Thrown where a call could not be decided; always worth a retry. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code: UnavailableCode;

  constructor(code: UnavailableCode, cause?: unknown, message: string = MESSAGES[code]) {
    super(message, { cause });
    this.code = code;
  }
}

/** The database can't be reached, or not for what was to be read. */
export function unreadable(cause: unknown): UnavailableError {
  return new UnavailableError('DATABASE_UNAVAILABLE', cause, UNREADABLE);
}

/** What is needed is locked elsewhere, and has been for too long. Nothing was done. */
export class LockTimeoutError extends UnavailableError {
  constructor(cause?: unknown) {
    super('CUSTOMER_LOCKED', cause);
  }
}

export function unknownTimeZone(timeZone: string): UnavailableError {
  const message =
    `A balance of the customer resets in the time zone "${timeZone}", which the Node.js of this gateway ` +
    'does not know. Nothing was written. Update Node.js, which brings the time zones, and restart the ' +
    'gateway; then retry.';
  return new UnavailableError('TIME_ZONE_UNKNOWN', undefined, message);
}
