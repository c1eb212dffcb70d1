/** What a failed call to the database means for the one who made it. */
export type Failure =
  /** No connection could be had, or it broke before COMMIT was sent. Nothing was written. */
  | 'UNREACHABLE'
  /** All connections are in use, and none came free in time. Nothing was written. */
  | 'BUSY'
  /** The connection broke under a statement: what it would write may be written or not. */
  | 'CONNECTION_LOST'
  /** Lost against another transaction. Rolled back; worth a retry at once. */
  | 'SERIALIZATION'
  /** A pooler has lost a prepared statement. Nothing was done; worth a retry at once. */
  | 'UNPREPARED'
  /** A statement or a transaction took too long. Rolled back. */
  | 'TIMEOUT'
  /** Somebody else kept a lock for too long. Rolled back. */
  | 'LOCK_TIMEOUT'
  /** The database takes no writes: read-only, disk or memory full. Rolled back. */
  | 'REFUSED'
  /** A value that the database does not take, or a constraint. Rolled back; the same again fails. */
  | 'DATA'
  /** A mistake in this program or in the database's set-up. */
  | 'OTHER';

/** No connection could be had, so nothing was sent. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
}

/** The database answers, but all connections that we may have were in use for too long. */
export class PoolBusyError extends Error {
  override readonly name = 'PoolBusyError';
}

/** What a socket says of a server that is down, starting, or not there yet. */
const AWAY_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ECONNABORTED'],
]);

/** What pg says, in an error without a code, of a server that does not answer. */
const AWAY_MESSAGES = ['timeout expired', 'Connection terminated', 'timeout exceeded when trying'];

/** SQLSTATEs by their first letters; the longest that fits decides. */
const BY_STATE: readonly (readonly [string, Failure])[] = [
  ['08', 'CONNECTION_LOST'],
  ['57P01', 'CONNECTION_LOST'],
  ['57P02', 'CONNECTION_LOST'],
  ['57P03', 'CONNECTION_LOST'],
  ['57P04', 'CONNECTION_LOST'],
  ['57P05', 'CONNECTION_LOST'],
  ['40', 'SERIALIZATION'],
  ['40002', 'DATA'],
  // The outcome of the statement is unknown, says the standard itself.
  ['40003', 'CONNECTION_LOST'],
  // A statement prepared before a migration changed its columns; the next connection prepares anew.
  ['0A000', 'OTHER'],
  ['26000', 'UNPREPARED'],
  ['42P05', 'UNPREPARED'],
  ['57014', 'TIMEOUT'],
  ['55P03', 'LOCK_TIMEOUT'],
  ['25P03', 'TIMEOUT'],
  ['25P04', 'TIMEOUT'],
  ['25006', 'REFUSED'],
  ['53', 'REFUSED'],
  ['58', 'REFUSED'],
  ['21', 'DATA'],
  ['22', 'DATA'],
  ['23', 'DATA'],
  ['44', 'DATA'],
  ['54', 'DATA'],
];

/** What pg says, in an error without a code, of a connection that has gone. */
const LOST_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'Query read timeout',
];

const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ENETDOWN']);

/** Adapter-pg's names for socket errors, whose codes it drops. */
const LOST_KINDS = new Set(['ConnectionClosed', 'SocketTimeout', 'DatabaseNotReachable']);

/** Classifies what Prisma, its adapter and pg throw; test/store/failure.test.ts provokes each. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoConnectionError) return 'UNREACHABLE';
  if (error instanceof PoolBusyError) return 'BUSY';
  const state = sqlStateOf(error);
  if (state !== null) return failureOfState(state);
  if (LOST_KINDS.has(textAt(driverCause(error), 'kind'))) return 'CONNECTION_LOST';
  const code = textAt(error, 'code');
  if (LOST_CODES.has(code)) return 'CONNECTION_LOST';
  // Prisma's limits on its transactions: waiting for one to begin, and its whole length.
  if (code === 'P2028') return 'TIMEOUT';
  const message = textAt(error, 'message');
  return LOST_MESSAGES.some((start) => message.startsWith(start)) ? 'CONNECTION_LOST' : 'OTHER';
}

/** PostgreSQL's own code for what went wrong, wherever the layers above have put it. */
export function sqlStateOf(error: unknown): string | null {
  const cause = driverCause(error);
  const state = textAt(cause, 'originalCode') || stateOfPg(error) || stateOfPg(cause);
  return state === '' ? null : state;
}

/** Whether a server that could not be reached may answer later: it is down, starting, or full. */
export function mayAnswerLater(error: unknown): boolean {
  if (!(error instanceof NoConnectionError)) return false;
  const state = sqlStateOf(error);
  // Anything else that a server says of a connection it refuses is about name and password.
  if (state !== null) return state.startsWith('57') || state.startsWith('53');
  const { cause } = error;
  const code = textAt(cause, 'code');
  // The socket's file, not one that the address names.
  if (code === 'ENOENT') return textAt(cause, 'syscall') === 'connect';
  if (code !== '') return AWAY_CODES.has(code);
  return AWAY_MESSAGES.some((start) => textAt(cause, 'message').startsWith(start));
}

/** Pg's own errors have a severity besides the code, which a socket's errors have not. */
function stateOfPg(error: unknown): string {
  return textAt(error, 'severity') === '' ? '' : textAt(error, 'code');
}

/** Adapter-pg's account of the error: Prisma puts it into `meta`, except for COMMIT and BEGIN. */
function driverCause(error: unknown): unknown {
  const inMeta = at(at(error, 'meta'), 'driverAdapterError');
  return at(inMeta ?? error, 'cause');
}

function failureOfState(state: string): Failure {
  let found: readonly [string, Failure] = ['', 'OTHER'];
  for (const entry of BY_STATE) {
    if (state.startsWith(entry[0]) && entry[0].length > found[0].length) found = entry;
  }
  return found[1];
}

function at(value: unknown, key: string): unknown {
  return value instanceof Object && key in value ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string {
  const text = at(value, key);
  return typeof text === 'string' ? text : '';
}
