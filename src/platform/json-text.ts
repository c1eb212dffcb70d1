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

  /**
   * Writes the same text as `JSON.stringify`, in UTF-8, without objects in between, and returns the position after it. There
   * must be room for the text with its spaces.
   */
  writeTo(bytes: Buffer, start: number): number {
    const end = start + bytes.write(this.text, start);
    return compacted(bytes, start, end) ?? start + bytes.write(JSON.stringify(this), start);
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
 * Removes spaces, and writes each number as JavaScript does; neither makes the text longer. Returns the position after it, or
 * null if there may be a key such as `"12"`, to which JavaScript gives another place.
 */
function compacted(bytes: Buffer, start: number, end: number): number | null {
  let to = start;
  let kept = start;
  let at = start;
  /** Moves what is kept up to here, and goes on at another position. */
  const moveUntil = (next: number) => {
    if (to !== kept) bytes.copyWithin(to, kept, at);
    to += at - kept;
    kept = next;
    at = next;
  };
  while (at < end) {
    const byte = bytes[at];
    if (byte === SPACE) {
      moveUntil(at + 1);
    } else if (byte === QUOTE) {
      const isLikeIndex = isDigit(bytes[at + 1]);
      at = endOfString(bytes, at);
      if (isLikeIndex && bytes[at] === COLON) return null;
    } else if (byte === MINUS || isDigit(byte)) {
      const after = endOfNumber(bytes, at);
      const other = isShort(bytes, at, after) ? null : otherNumberFor(bytes, at, after);
      if (other === null) {
        at = after;
      } else {
        moveUntil(after);
        to += bytes.write(other, to);
      }
    } else {
      at += 1;
    }
  }
  moveUntil(end);
  return to;
}

/** The position after the quotation mark that ends the string. */
function endOfString(bytes: Buffer, start: number): number {
  let quote = bytes.indexOf(QUOTE, start + 1);
  while (isEscaped(bytes, quote)) quote = bytes.indexOf(QUOTE, quote + 1);
  return quote + 1;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let backslashes = 0;
  while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
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

/** How JavaScript writes the number, if it writes it in another way. */
function otherNumberFor(bytes: Buffer, start: number, end: number): string | null {
  const text = bytes.toString('latin1', start, end);
  const number = Number(text);
  return String(number) === text ? null : JSON.stringify(number);
}

/** A double represents every number of so many digits. */
const DIGITS_HELD = 15;

/** JavaScript writes 0.000001, but 1e-7. */
const ZEROS_MAX = 6;

/** Whether JavaScript certainly writes the number in the same way, as it does most. */
function isShort(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > DIGITS_HELD) return false;
  const first = bytes[start] === MINUS ? start + 1 : start;
  const point = endOfDigits(bytes, first);
  // A whole number, other than -0.
  if (point === end) return bytes[first] !== ZERO || first === start;
  if (bytes[point] !== POINT || bytes[end - 1] === ZERO) return false;
  let digits = point + 1;
  while (bytes[digits] === ZERO) digits += 1;
  if (bytes[first] === ZERO && digits - point > ZEROS_MAX) return false;
  return endOfDigits(bytes, digits) === end;
}

function endOfDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at += 1;
  return at;
}
