/** What gateways say to each other: lists of which the first element says what they are. */

/**
 * Raised when a message or a command changes its form. Gateways of different protocols do not send each other commands: each
 * decides its own, as if it were alone.
 */
export const PROTOCOL = 2;

/** From both sides, first: the protocol. */
export const HELLO = 'hello';

/** From the one that has called: commands, each a list that begins with a number. */
export const ASK = 'ask';

/** From the one that was called: what has become of commands, each a list that begins with its number. */
export const ANSWER = 'answer';

/** Shows that the other side is not blocked. */
export const PING = 'ping';
export const PONG = 'pong';

/** From the one that was called: send no more, and close the connection once everything is answered. */
export const LEAVE = 'leave';

export const HELLO_TEXT = JSON.stringify([HELLO, PROTOCOL]);
export const PING_TEXT = JSON.stringify([PING]);
export const PONG_TEXT = JSON.stringify([PONG]);
export const LEAVE_TEXT = JSON.stringify([LEAVE]);
