/** Why a call could not be decided. Unlike a refusal, it says nothing about the call itself. */
export type UnavailableCode =
  /** The queue is full. Nothing was done. */
  | 'OVERLOADED'
  /** The database cannot be reached or does not accept writes. Nothing was done. */
  | 'DATABASE_UNAVAILABLE'
  /** Other calls changed the same data each time it was decided. Nothing was done. */
  | 'WRITE_CONTENTION'
  /** The customer is locked elsewhere, and has been for too long. Nothing was done. */
  | 'CUSTOMER_LOCKED'
  /** The database answers, but not in time. Nothing was done. */
  | 'DATABASE_TIMEOUT'
  /** The connection to the database, or to another gateway, was lost during the commit, which may or may not have happened. */
  | 'OUTCOME_UNKNOWN'
  /** A newer release has stored data that this one cannot read. Nothing was done. */
  | 'RESULT_UNREADABLE'
  /** A balance resets in a time zone that the runtime does not know. Nothing was done. */
  | 'TIME_ZONE_UNKNOWN'
  /** The project has too many reads waiting. */
  | 'READS_OVERLOADED'
  /** A read took longer than a statement may. The same again would, too. */
  | 'READ_TIMEOUT';

const MESSAGES: Record<UnavailableCode, string> = {
  OVERLOADED:
    'The gateway has more calls waiting than it can handle. Nothing was written; retry in a moment.',
  DATABASE_UNAVAILABLE:
    'The database cannot be reached, or does not accept writes. Nothing was written; retry in a moment.',
  WRITE_CONTENTION:
    'Other calls changed the same data each time this call was decided. Nothing was ' +
    'written; retry in a moment.',
  CUSTOMER_LOCKED:
    'Another transaction has locked the customer, or a whole table, in the database. Nothing was ' +
    'written; retry in a moment. If this continues, look for a transaction that was left open.',
  DATABASE_TIMEOUT:
    'The database took too long, and the statement was cancelled. Nothing was written; retry in a moment, with ' +
    'fewer items at once if you sent many.',
  OUTCOME_UNKNOWN:
    'The connection to the database was lost, or the server failed, before the commit was confirmed. Retry with the ' +
    'same idempotencyKey to get the outcome; without a key, check the events before you retry.',
  RESULT_UNREADABLE:
    'The data stored for this call was written by a newer release of Tollgate, and this one cannot read it. ' +
    'Nothing was written. Upgrade this gateway, then retry with the same idempotencyKey.',
  TIME_ZONE_UNKNOWN:
    'A balance of the customer resets in a time zone that this gateway does not know.',
  READS_OVERLOADED:
    'The project has more reads waiting or in progress, or more bytes of answers that its clients have not ' +
    'read yet, than its share of the gateway. Read answers before you send more, or ask for fewer items at ' +
    'once. Writes are not affected.',
  READ_TIMEOUT:
    'Reading this takes longer than a statement may run, and would again. Ask for fewer items or a ' +
    'narrower filter.',
};

export function isUnavailableCode(text: unknown): text is UnavailableCode {
  return typeof text === 'string' && Object.hasOwn(MESSAGES, text);
}

const TOO_MANY_WAITING =
  'The project, or the gateway as a whole, has too many changes of this kind waiting: of customers, or of keys, projects and ' +
  'features. Nothing was written; retry in a moment, and send fewer of them at once.';

const PROJECT_LOCKED =
  'Another transaction has locked the project, one of its keys or features, or a whole table, in the database. ' +
  'Nothing was written; retry in a moment. If this continues, look for a transaction that was left open.';

const DELETION_INTERRUPTED =
  'The database failed while the feature was being deleted. It cannot be used until you retry deleteFeature, which completes ' +
  'the deletion and answers FEATURE_NOT_FOUND, or brings the feature back.';

const COPY_BEHIND =
  'The change is made, but one of the servers that customers are on has not received it yet: calls about those customers may still ' +
  'be decided as before. Read what was changed, or retry.';

const NEIGHBOUR_LOST =
  'The gateway that was to decide the call has ended or cannot be reached, and the outcome is not known. Retry with the ' +
  'same idempotencyKey to get it; without a key, check the events before you retry.';

/** The message for a failed read; what the operation wrote before that stays. */
const UNREADABLE =
  'The database cannot be reached. Nothing was written by this read; retry in a moment.';

/** The message for a mutation whose answer has no room in memory. */
const UNANSWERED =
  "There is no memory left for the answer, because this project's clients have not read earlier answers to mutations. What " +
  'the mutation has written is kept. Read those answers, then retry with the same idempotencyKey to get this one; ' +
  'without a key, check the events before you retry.';

const CLOSED =
  'Customers are closed to writes for the moment, because their data is being moved or maintained. Nothing was written; retry in a moment.';

/** Thrown if a call could not be decided; always worth a retry. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code: UnavailableCode;

  constructor(code: UnavailableCode, cause?: unknown, message: string = MESSAGES[code]) {
    super(message, { cause });
    this.code = code;
  }
}

/** What is stored is not what any release up to this one has written. */
export function resultUnreadable(cause?: unknown): UnavailableError {
  return new UnavailableError('RESULT_UNREADABLE', cause);
}

/** Too many writes that are not commands wait for their turn. Nothing was done. */
export function tooManyWaiting(): UnavailableError {
  return new UnavailableError('OVERLOADED', undefined, TOO_MANY_WAITING);
}

/** No customer is locked, but what a project consists of. Nothing was done. */
export function projectLocked(cause: unknown): UnavailableError {
  return new UnavailableError('DATABASE_TIMEOUT', cause, PROJECT_LOCKED);
}

/** A feature is out of the catalogue, and not deleted. */
export function deletionInterrupted(cause: unknown): UnavailableError {
  return new UnavailableError('OUTCOME_UNKNOWN', cause, DELETION_INTERRUPTED);
}

/** The catalogue has been changed at home, and a copy of it is behind. */
export function copyBehind(server: string): UnavailableError {
  return new UnavailableError(
    'OUTCOME_UNKNOWN',
    new Error(`The server ${server} cannot be reached, or its copy of the catalogue is behind.`),
    COPY_BEHIND,
  );
}

/** The database cannot be reached, or the data could not be read. */
export function unreadable(cause: unknown): UnavailableError {
  return new UnavailableError('DATABASE_UNAVAILABLE', cause, UNREADABLE);
}

/** A mutation may have written something, and cannot be answered. */
export function unanswered(): UnavailableError {
  return new UnavailableError('OUTCOME_UNKNOWN', undefined, UNANSWERED);
}

/** What is needed is locked elsewhere, and has been for too long. Nothing was done. */
export class LockTimeoutError extends UnavailableError {
  constructor(cause?: unknown) {
    super('CUSTOMER_LOCKED', cause);
  }
}

/** The database accepts no writes of customers, because they are closed by the fence of the store. Nothing was done. */
export function closed(cause: unknown): UnavailableError {
  return new UnavailableError('DATABASE_UNAVAILABLE', cause, CLOSED);
}

/** The gateway that decides about a customer does not answer any more. */
export function neighbourLost(cause?: unknown): UnavailableError {
  return new UnavailableError('OUTCOME_UNKNOWN', cause, NEIGHBOUR_LOST);
}

export function unknownTimeZone(timeZone: string): UnavailableError {
  const message =
    `A balance of the customer resets in the time zone "${timeZone}", which the Node.js of this gateway ` +
    'does not know. Nothing was written. Update Node.js, which brings the time zones, and restart the ' +
    'gateway; then retry.';
  return new UnavailableError('TIME_ZONE_UNKNOWN', undefined, message);
}
