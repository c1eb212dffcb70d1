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
  const numbers = changedNumbers(text);
  if (numbers.length > EXACT_NUMBERS_MAX) throw new RangeError(TOO_MANY);
  return numbers.length === 0 ? value : readExactly(text, numbers);
}

/** Each takes as long as fifty others. */
export const EXACT_NUMBERS_MAX = 5_000;

const TOO_MANY = `More than ${EXACT_NUMBERS_MAX} numbers have more digits than a double can represent. Round them, or send fewer at once.`;

interface PlacedNumber {
  readonly start: number;
  readonly text: string;
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** The numbers that a double would change, in a text that `JSON.parse` has accepted. Each character is read once. */
function changedNumbers(text: string): PlacedNumber[] {
  const numbers: PlacedNumber[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const start = at;
      while (isOfNumber(text.charCodeAt(at + 1))) at += 1;
      const length = at + 1 - start;
      if (length < SHORTEST_CHANGED) continue;
      const number = text.slice(start, at + 1);
      if ((length > DIGITS_HELD || LONG_EXPONENT.test(number)) && !isHeldByDouble(number)) {
        numbers.push({ start, text: number });
      }
    }
  }
  return numbers;
}

/** A double represents every number of up to 15 digits with an exponent of up to two. */
const DIGITS_HELD = 15;
const LONG_EXPONENT = /e[+-]?\d{3}/i;
const SHORTEST_CHANGED = '1e400'.length;

const IN_NUMBERS: ReadonlySet<number> = new Set(
  Array.from('0123456789.eE+-', (character) => character.charCodeAt(0)),
);

function isOfNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || IN_NUMBERS.has(code);
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
