/** JSON of requests. Values are exactly what the text says, including numbers that a double would change. */
import { isHeldByDouble } from '../domain/decimal.js';
import { exactNumberOf } from '../schema/input/exact-number.js';

/**
 * Reads JSON as `JSON.parse` does, and throws its `SyntaxError`, but gives an `ExactNumber` for each
 * number that a double would change. Texts without any, which are nearly all, pay for one scan.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!DIGITS_IN_A_ROW.test(text) && !LONG_EXPONENT.test(text)) return value;
  for (const [, number = ''] of text.matchAll(LONG_NUMBERS)) {
    if (!isHeldByDouble(number)) return readExactly(text);
  }
  return value;
}

/** What every long number has; searched for in a fraction of the time that it takes to find one. */
const DIGITS_IN_A_ROW = /[\d.]{16}/;
const LONG_EXPONENT = /\de[+-]?\d{3}/i;

/**
 * A double represents every number of up to 15 digits with an exponent of up to two. Within a text value
 * it may find something that is not a number; that costs time and changes nothing.
 */
const LONG_NUMBERS = /(?:^|[[:,\s])(-?(?:[\d.]{16,}(?:e[+-]?\d+)?|[\d.]+e[+-]?\d{3,}))/gi;

type Container = unknown[] | Record<string, unknown>;

/**
 * Reads a text that `JSON.parse` has accepted. Without recursion, because a text may be nested
 * 100,000 deep.
 */
function readExactly(text: string): unknown {
  const root: unknown[] = [];
  const parents: Container[] = [];
  let into: Container = root;
  let key: string | null = null;
  const add = (value: unknown) => {
    if (Array.isArray(into)) into.push(value);
    else setMember(into, key ?? '', value);
    key = null;
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '{' || char === '[') {
      const container: Container = char === '{' ? {} : [];
      add(container);
      parents.push(into);
      into = container;
      at += 1;
    } else if (char === '}' || char === ']') {
      into = parents.pop() ?? root;
      at += 1;
    } else if (char === '"') {
      const end = endOfString(text, at);
      const string: string = JSON.parse(text.slice(at, end));
      if (Array.isArray(into) || key !== null) add(string);
      else key = string;
      at = end;
    } else if (BETWEEN.has(char)) {
      at += 1;
    } else {
      WORD.lastIndex = at;
      const [word = ''] = WORD.exec(text) ?? [];
      add(WORDS.has(word) ? WORDS.get(word) : exactNumberOf(word));
      at += word.length;
    }
  }
  return root[0];
}

const BETWEEN: ReadonlySet<string> = new Set([':', ',', ' ', '\t', '\n', '\r']);

const WORD = /[^\s,\]}]+/y;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** As in `JSON.parse`, the last of several members with the same name counts. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, ...ORDINARY });
}

const ORDINARY = { enumerable: true, configurable: true, writable: true };

/** The position after the quote that ends the string. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
