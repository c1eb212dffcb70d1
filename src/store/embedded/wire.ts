/** The little of PostgreSQL's wire protocol that is needed to let sessions take turns. */

/**
 * Protocol 3.0, user and database `postgres`. The backend has long been started, so it gets
 * this whatever a session asks for: anything else would be ignored, and a mistake would end it.
 */
export const START = Uint8Array.from(
  Buffer.from('\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1'),
);

/** Ends an extended query that a session abandoned. */
export const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);

/** ReadyForQuery, outside any transaction. */
const READY_AND_IDLE = Uint8Array.of(0x5a, 0, 0, 0, 5, 0x49);

/** A start with protocol version 3, and no request for TLS or for a cancellation. */
export function isSessionStart(message: Uint8Array): boolean {
  return message[0] === 0 && message[4] === 0 && message[5] === 3;
}

/** Whether the answer leaves the backend between transactions, with nothing unfinished. */
export function endsIdle(answer: Uint8Array): boolean {
  const tail = answer.subarray(-READY_AND_IDLE.length);
  return READY_AND_IDLE.every((byte, index) => tail[index] === byte);
}
