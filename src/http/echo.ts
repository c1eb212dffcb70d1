import { endOfString } from './end-of-string.js';

/** How much of what was sent an error repeats at most. */
export const ECHO_CHARS_MAX = 200;

/** For a message of another library, including its own words. */
export const FOREIGN_MESSAGE_CHARS_MAX = 240;

/**
 * A message from graphql-js, which may repeat a megabyte of what was sent, even twice. Its
 * quotations are shortened first, because what it says about them is around them.
 */
export function shortened(message: string): string {
  if (message.length <= ECHO_CHARS_MAX) return message;
  const quotations = quotationsOf(message);
  const each = Math.floor(ECHO_CHARS_MAX / Math.max(1, quotations.length));
  let quoted = '';
  let at = 0;
  for (const [start, end] of quotations) {
    quoted += message.slice(at, start) + cut(message.slice(start, end), each);
    at = end;
  }
  quoted += message.slice(at);
  if (quoted.length <= FOREIGN_MESSAGE_CHARS_MAX) return quoted;
  return cut(quoted, FOREIGN_MESSAGE_CHARS_MAX);
}

/** Without a regular expression, which would begin anew at each mark of a text that does not end. */
function quotationsOf(message: string): readonly (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  let start = message.indexOf('"');
  while (start >= 0) {
    const end = endOfString(message, start);
    found.push([start, end]);
    start = message.indexOf('"', end);
  }
  return found;
}

/** Its beginning and its end, if it is longer. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const end = Math.floor(charsMax / 4);
  const beginning = text.slice(0, Math.max(0, charsMax - end - 1));
  return `${beginning}…${end === 0 ? '' : text.slice(-end)}`;
}
