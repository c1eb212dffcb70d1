import { Buffer } from 'node:buffer';

/** JSON that is only passed on, between the database and an answer, and therefore remains text. */
export class JsonText {
  readonly text: string;

  /** The text is written by PostgreSQL or by `JSON.stringify`. */
  constructor(text: string) {
    this.text = text;
  }

  static of(value: object): JsonText {
    return new JsonText(JSON.stringify(value));
  }

  /** It takes at least so many bytes without spaces, numbers with exponents aside. */
  get bytesAtLeast(): number {
    return Math.floor(this.text.length * WITHOUT_SPACES_MIN);
  }

  /** For `JSON.stringify`. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }

  /** The same text as `JSON.stringify` writes, in UTF-8, without objects in between. */
  toBytes(): Buffer {
    return compacted(Buffer.from(this.text)) ?? Buffer.from(JSON.stringify(this));
  }
}

/** PostgreSQL writes a space after each comma and colon: `[1, 2, 3]` has most of them. */
const WITHOUT_SPACES_MIN = 2 / 3;

const SPACE = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * Without spaces, and with each number as JavaScript writes it; in place, because neither makes the text longer. Null if there
 * may be a key such as `"12"`, to which JavaScript gives another place.
 */
function compacted(bytes: Buffer): Buffer | null {
  let to = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    let end = at + 1;
    if (byte === SPACE) {
      at = end;
    } else if (byte === QUOTE) {
      end = endOfString(bytes, at);
      if (bytes[end] === COLON && isDigit(bytes[at + 1])) return null;
    } else if (byte === MINUS || isDigit(byte)) {
      end = endOfNumber(bytes, at);
      if (!isAsJavaScriptWrites(bytes, at, end)) {
        const number = JSON.stringify(Number(bytes.toString('latin1', at, end)));
        if (number.length > end - at) return null;
        to += bytes.write(number, to);
        at = end;
      }
    }
    for (; at < end; at += 1) {
      bytes[to] = bytes[at] as number;
      to += 1;
    }
  }
  return bytes.subarray(0, to);
}

/** The position after the quotation mark that ends the string. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (bytes[at] !== QUOTE && at < bytes.length) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function endOfNumber(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (isDigit(bytes[at]) || IN_NUMBERS.has(bytes[at])) at += 1;
  return at;
}

const IN_NUMBERS: ReadonlySet<number | undefined> = new Set(Buffer.from('.eE+-'));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** A double represents every number of so many digits. */
const DIGITS_HELD = 15;

/** JavaScript writes 0.000001, but 1e-7. */
const ZEROS_MAX = 6;

/** Whether that is certain, as it is of most numbers. */
function isAsJavaScriptWrites(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > DIGITS_HELD) return false;
  const first = bytes[start] === MINUS ? start + 1 : start;
  let at = first + 1;
  while (isDigit(bytes[at])) at += 1;
  // A whole number, other than -0.
  if (at === end) return bytes[first] !== ZERO || first === start;
  if (bytes[at] !== POINT || bytes[end - 1] === ZERO) return false;
  const point = at;
  do at += 1;
  while (bytes[at] === ZERO);
  if (bytes[first] === ZERO && at - point > ZEROS_MAX) return false;
  while (isDigit(bytes[at])) at += 1;
  return at === end;
}
