import { UnavailableError } from '../domain/unavailable.js';

/** What a failed call to the database means for its caller. */
export type Failure =
  /** No connection could be opened, or it broke before COMMIT was sent. Nothing was written. */
  | 'UNREACHABLE'
  /** All connections are in use, and none became free in time. Nothing was written. */
  | 'BUSY'
  /** The connection broke during a statement, which may or may not have been carried out. */
  | 'CONNECTION_LOST'
  /** Lost to another transaction. Rolled back; worth an immediate retry. */
  | 'SERIALIZATION'
  /** A pooler has lost a prepared statement. Nothing was done; worth an immediate retry. */
  | 'UNPREPARED'
  /** The server had ended the session for being idle, or stopped what precedes the statement. Worth an immediate retry. */
  | 'NOT_BEGUN'
  /** A statement or a transaction took too long. Rolled back. */
  | 'TIMEOUT'
  /** Another session held a lock for too long. Rolled back. */
  | 'LOCK_TIMEOUT'
  /** The database does not accept writes: read-only, disk or memory full. Rolled back. */
  | 'REFUSED'
  /** The fence keeps customers from being written (fence.ts). Rolled back; worth a retry in a moment. */
  | 'CLOSED'
  /** The place is not on this server, or not any more. Nothing was done. */
  | 'MOVED'
  /** A value that the database does not accept, or a violated constraint. Rolled back; a retry would fail too. */
  | 'DATA'
  /** A mistake in this program or in the setup of the database. */
  | 'OTHER';

/** No connection could be opened, so nothing was sent. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
}

/** The database answers, but all connections of the pool were in use for too long. */
export class PoolBusyError extends Error {
  override readonly name = 'PoolBusyError';
}

/** The socket errors of a server that is down, starting, or not there yet. */
const AWAY_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ECONNABORTED'],
]);

/** The messages of pg's errors without a code for a server that does not answer. */
const AWAY_MESSAGES = ['timeout expired', 'Connection terminated', 'timeout exceeded when trying'];

/** A SQLSTATE of our own, for an error that came before the statement had begun. */
export const NOT_BEGUN_STATE = 'TG000';

/** Another one, for what the fence refuses. Its class is known to every release: the server accepts no writes. */
export const CLOSED_STATE = '53TG1';

/** SQLSTATEs by their first characters; the longest match applies. */
const BY_STATE: readonly (readonly [string, Failure])[] = [
  ['08', 'CONNECTION_LOST'],
  ['57P01', 'CONNECTION_LOST'],
  ['57P02', 'CONNECTION_LOST'],
  ['57P03', 'CONNECTION_LOST'],
  ['57P04', 'CONNECTION_LOST'],
  ['57P05', 'NOT_BEGUN'],
  [NOT_BEGUN_STATE, 'NOT_BEGUN'],
  ['40', 'SERIALIZATION'],
  ['40002', 'DATA'],
  // By the standard's own definition, the outcome of the statement is unknown.
  ['40003', 'CONNECTION_LOST'],
  // A statement that was prepared before a migration changed its columns; the next connection prepares it again.
  ['0A000', 'OTHER'],
  ['26000', 'UNPREPARED'],
  ['42P05', 'UNPREPARED'],
  ['57014', 'TIMEOUT'],
  ['55P03', 'LOCK_TIMEOUT'],
  ['25P03', 'TIMEOUT'],
  ['25P04', 'TIMEOUT'],
  ['25006', 'REFUSED'],
  ['53', 'REFUSED'],
  [CLOSED_STATE, 'CLOSED'],
  ['58', 'REFUSED'],
  ['21', 'DATA'],
  ['22', 'DATA'],
  ['23', 'DATA'],
  ['44', 'DATA'],
  ['54', 'DATA'],
];

/** The messages of pg's errors without a code for a lost connection. */
const LOST_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'Query read timeout',
];

/**
 * Errors of the system, and Node's own about a connection. A statement opens no files, so whatever the system reports is
 * about the connection; libuv has no name for some of it.
 */
const SOCKET_CODES =
  /^(E[A-Z\d]+$|EAI_|UNKNOWN$|Unknown system error|ERR_(SSL|TLS|SOCKET|STREAM)_)/;

/** Adapter-pg's names for socket errors, whose codes it drops. */
const LOST_KINDS = new Set(['ConnectionClosed', 'SocketTimeout', 'DatabaseNotReachable']);

/** Its name for a handshake that failed, which comes before anything is sent. */
const HANDSHAKE_KIND = 'TlsConnectionError';

/** Classifies what Prisma, its adapter and pg throw; test/store/failure.test.ts provokes each. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoConnectionError) return 'UNREACHABLE';
  if (error instanceof PoolBusyError) return 'BUSY';
  if (isWithoutServer(error)) return 'UNREACHABLE';
  const state = sqlStateOf(error);
  if (state !== null) return isOfMissingPlace(error, state) ? 'MOVED' : failureOfState(state);
  const kind = textAt(driverCause(error), 'kind');
  if (kind === HANDSHAKE_KIND) return 'UNREACHABLE';
  if (LOST_KINDS.has(kind)) return 'CONNECTION_LOST';
  const code = textAt(error, 'code');
  if (SOCKET_CODES.test(code)) return 'CONNECTION_LOST';
  // Prisma's limits on its transactions: waiting for one to begin, and its whole length.
  if (code === 'P2028') return 'TIMEOUT';
  const message = textAt(error, 'message');
  return LOST_MESSAGES.some((start) => message.startsWith(start)) ? 'CONNECTION_LOST' : 'OTHER';
}

/** Failures whose outcome is known, although PostgreSQL did not report them: nothing was sent, or Prisma has rolled back. */
const CERTAIN: ReadonlySet<Failure> = new Set<Failure>(['UNREACHABLE', 'BUSY', 'TIMEOUT']);

/**
 * SQLSTATEs of a server that may have crashed on the way to the disk: it was broken or full, or memory or files had run out.
 * The commit may be in its log all the same, and is then found by the recovery. The severity would say so, but in the server's
 * language.
 */
const CRASH_STATES = /^(58...|53[012]00|XX000)$/;

/** Whether the error proves that what may have been committed was not. Only PostgreSQL itself knows. */
export function provesNoCommit(error: unknown): boolean {
  const failure = failureOf(error);
  if (CERTAIN.has(failure)) return true;
  const state = sqlStateOf(error);
  return state !== null && failure !== 'CONNECTION_LOST' && !CRASH_STATES.test(state);
}

/** PostgreSQL's own code for the error, wherever the layers above have put it. */
export function sqlStateOf(error: unknown): string | null {
  const cause = driverCause(error);
  const state = textAt(cause, 'originalCode') || stateOfPg(error) || stateOfPg(cause);
  return state === '' ? null : state;
}

/** PostgreSQL's own message, without what Prisma puts around it, or else the error's. */
export function messageOf(error: Error): string {
  return textAt(driverCause(error), 'originalMessage') || error.message;
}

/** PgBouncer has found no server for a call, which it has not sent to any. It tells this in English. */
function isWithoutServer(error: unknown): boolean {
  return sqlStateOf(error) === '08P01' && WITHOUT_SERVER.test(textAt(error, 'message'));
}

const WITHOUT_SERVER = /query_wait_timeout|server login has been failing|cannot connect to server/;

/** Whether a server that could not be reached, or not for long, may answer later: it is down, starting, or full. */
export function mayAnswerLater(error: unknown): boolean {
  if (error instanceof UnavailableError) return mayAnswerLater(error.cause);
  if (isWithoutServer(error)) return true;
  if (!(error instanceof NoConnectionError)) return isGoneAway(error);
  const state = sqlStateOf(error);
  // If a server refuses a connection for any other reason, it is about the name and the password.
  if (state !== null) return state.startsWith('57') || state.startsWith('53');
  const { cause } = error;
  const code = textAt(cause, 'code');
  // The file of the socket, not one that the address names.
  if (code === 'ENOENT') return textAt(cause, 'syscall') === 'connect';
  if (code !== '') return AWAY_CODES.has(code);
  return AWAY_MESSAGES.some((start) => textAt(cause, 'message').startsWith(start));
}

/** Whether a connection broke after the login, or was ended by a server that stops. */
function isGoneAway(error: unknown): boolean {
  if (failureOf(error) !== 'CONNECTION_LOST') return false;
  const state = sqlStateOf(error);
  // A file that is missing has a code like those of sockets.
  return state === null ? textAt(error, 'path') === '' : state.startsWith('57');
}

/** The schema of a place is missing, or renamed since a statement was prepared; names are the same in every language. */
function isOfMissingPlace(error: unknown, state: string): boolean {
  if (state !== UNKNOWN_TABLE && state !== UNKNOWN_SCHEMA) return false;
  return error instanceof Error && OF_PLACE.test(messageOf(error));
}

const UNKNOWN_TABLE = '42P01';
const UNKNOWN_SCHEMA = '3F000';
const OF_PLACE = /\bplace_\d+\b/;

/** Pg's own errors have a severity in addition to the code; errors of a socket do not. */
function stateOfPg(error: unknown): string {
  return textAt(error, 'severity') === '' ? '' : textAt(error, 'code');
}

/** Adapter-pg's description of the error: Prisma puts it into `meta`, except for COMMIT and BEGIN. */
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
