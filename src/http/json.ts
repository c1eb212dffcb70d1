/** JSON of requests. Values are exactly what the text says, including numbers that a double would change. */
import { isHeldByDouble } from '../domain/decimal.js';
import { randomText } from '../platform/secret.js';
import { ExactNumber } from '../schema/input/exact-number.js';
import { endOfString } from './end-of-string.js';

/**
 * Reads JSON as `JSON.parse` does, and throws its `SyntaxError`, but gives an `ExactNumber` for each
 * number that a double would change. Texts without any, which are nearly all, pay for one scan.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!DIGITS_IN_A_ROW.test(text) && !LONG_EXPONENT.test(text)) return value;
  const numbers = changedNumbers(text);
  if (numbers.length > EXACT_NUMBERS_MAX) throw new RangeError(TOO_MANY);
  return numbers.length === 0 ? value : readExactly(text, numbers);
}

/** Each takes as long as fifty others. */
export const EXACT_NUMBERS_MAX = 5_000;

const TOO_MANY =
  `The request contains more than ${EXACT_NUMBERS_MAX} numbers with more digits than a double can represent. ` +
  'Round them, or send fewer at once.';

/** What every long number has; searched for in a fraction of the time that it takes to find one. */
const DIGITS_IN_A_ROW = /[\d.]{16}/;
const LONG_EXPONENT = /\de[+-]?\d{3}/i;

/**
 * A double represents every number of up to 15 digits with an exponent of up to two. Within a string
 * it may find something that is not a number.
 */
const LONG_NUMBERS = /(?:^|[[:,\s])(-?(?:[\d.]{16,}(?:e[+-]?\d+)?|[\d.]+e[+-]?\d{3,}))/gi;

interface PlacedNumber {
  readonly start: number;
  readonly text: string;
}

/** The numbers that a double would change, outside of strings, in a text that `JSON.parse` has accepted. */
function changedNumbers(text: string): PlacedNumber[] {
  const numbers: PlacedNumber[] = [];
  let quote = text.indexOf('"');
  let end = 0;
  for (const { 0: match, 1: number = '', index } of text.matchAll(LONG_NUMBERS)) {
    const start = index + match.length - number.length;
    // Every string that begins before it is passed, even one that it is in.
    while (quote >= 0 && quote < start) {
      end = endOfString(text, quote);
      quote = text.indexOf('"', end);
    }
    if (start >= end && !isHeldByDouble(number)) numbers.push({ start, text: number });
  }
  return numbers;
}

/** No text that was sent contains it. */
const MARK_BYTES = 16;

/**
 * Reads the text with a marked string in place of each of the numbers, and puts these back. Reading it a second time takes a
 * fraction of the time that it takes to read it character by character, and a text may have a million values.
 */
function readExactly(text: string, numbers: readonly PlacedNumber[]): unknown {
  const mark = randomText(MARK_BYTES);
  const parts: string[] = [];
  let from = 0;
  for (const [index, number] of numbers.entries()) {
    parts.push(text.slice(from, number.start), `"${mark}${index}"`);
    from = number.start + number.text.length;
  }
  parts.push(text.slice(from));
  const numberOf = (value: string) => {
    const number = numbers[Number(value.slice(mark.length))];
    return number === undefined ? value : new ExactNumber(number.text);
  };
  return replaceMarked(JSON.parse(parts.join('')), mark, numberOf);
}

/** Without recursion, because a text may be nested 100,000 deep. */
function replaceMarked(root: unknown, mark: string, replacement: (value: string) => unknown) {
  const holder = [root];
  const containers: object[] = [holder];
  const replaced = (value: unknown) => {
    if (typeof value === 'object' && value !== null) containers.push(value);
    return typeof value === 'string' && value.startsWith(mark) ? replacement(value) : value;
  };
  for (let inside = containers.pop(); inside !== undefined; inside = containers.pop()) {
    if (Array.isArray(inside)) {
      for (let n = 0; n < inside.length; n += 1) inside[n] = replaced(inside[n]);
      continue;
    }
    for (const key of Object.keys(inside)) {
      const value: unknown = Reflect.get(inside, key);
      const other = replaced(value);
      // Even a member called __proto__ is one of its own, and is replaced.
      if (other !== value) Reflect.set(inside, key, other);
    }
  }
  return holder[0];
}
