/** Why a call could not be decided. Unlike a refusal it says nothing about the call itself. */
export type UnavailableCode =
  /** The queue is full. Nothing was done. */
  | 'OVERLOADED'
  /** The database can't be reached or takes no more. Nothing was done. */
  | 'DATABASE_UNAVAILABLE'
  /** The connection was lost with the commit under way: it may have happened or not. */
  | 'OUTCOME_UNKNOWN';

const MESSAGES: Record<UnavailableCode, string> = {
  OVERLOADED:
    'The gateway has more calls waiting than it can take. Nothing was written; retry in a moment.',
  DATABASE_UNAVAILABLE: 'The database can not be reached. Nothing was written; retry in a moment.',
  OUTCOME_UNKNOWN:
    'The connection to the database was lost before the commit was confirmed. Retry with the same ' +
    'idempotencyKey to get the outcome; without a key, look at the events before you retry.',
};

/** Thrown where a call could not be decided; always worth a retry. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code: UnavailableCode;

  constructor(code: UnavailableCode, cause?: unknown) {
    super(MESSAGES[code], { cause });
    this.code = code;
  }
}

/** What is needed is locked elsewhere, and has been for too long. Nothing was done. */
export class LockTimeoutError extends UnavailableError {
  constructor(cause?: unknown) {
    super('DATABASE_UNAVAILABLE', cause);
  }
}
